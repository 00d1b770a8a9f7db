using Grpc.Core;

namespace WhiteCross.Sidecar.Api;

/// <summary>An error of the sidecar's API, for both of its forms.</summary>
internal sealed class SidecarApiException(int httpStatus, StatusCode grpcStatus, string errorCode, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public int HttpStatus { get; } = httpStatus;

    public StatusCode GrpcStatus { get; } = grpcStatus;

    public string ErrorCode { get; } = errorCode;
}
