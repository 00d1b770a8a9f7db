using System.Globalization;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>A failure with the status code of an answer, which a retry's <c>matching</c> looks at. Failures of other types carry no code.</summary>
public class StatusCodeException : Exception
{
    /// <summary>A failure with a code.</summary>
    /// <param name="httpStatus">The code of an HTTP answer; null where it was none.</param>
    /// <param name="grpcStatus">The code of a gRPC answer; null where it was none.</param>
    /// <param name="message">What failed; without content of messages.</param>
    public StatusCodeException(int? httpStatus, int? grpcStatus, string? message = null)
        : base(message ?? string.Create(CultureInfo.InvariantCulture, $"answered with status {httpStatus ?? grpcStatus}")) =>
        (HttpStatus, GrpcStatus) = (httpStatus, grpcStatus);

    /// <summary>The code of an HTTP answer.</summary>
    public int? HttpStatus { get; }

    /// <summary>The code of a gRPC answer.</summary>
    public int? GrpcStatus { get; }
}

/// <summary>A failure that is not retried, whatever the policy says; the policy throws the inner exception on.</summary>
/// <param name="failure">What failed.</param>
public sealed class PermanentFailureException(Exception failure) : Exception(failure.Message, failure);
