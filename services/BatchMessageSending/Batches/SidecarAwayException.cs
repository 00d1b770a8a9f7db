using System.Globalization;
using Grpc.Core;

namespace WhiteCross.BatchMessageSending;

/// <summary>The workflow engine or the state store behind the sidecar does not answer: nobody's fault here, and to be asked again later.</summary>
/// <param name="reason">Which one, in a sentence for the job's record.</param>
/// <param name="innerException">How it was noticed.</param>
#pragma warning disable CA1032 // One without a reason would not say who is away.
internal sealed class SidecarAwayException(string reason, Exception? innerException = null) : Exception(reason, innerException)
#pragma warning restore CA1032
{
    public const string Engine = "The workflow engine does not answer";
    public const string Store = "The sidecar's state store does not answer";

    /// <summary>Asks the sidecar, which may keep quiet for ever, and gives up after a while.</summary>
    /// <param name="who">Who is asked: <see cref="Engine"/> or <see cref="Store"/>.</param>
    /// <param name="ask">Asks, with a token that fires when the caller's does, or after <paramref name="patience"/>.</param>
    /// <param name="patience">How long an answer may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="SidecarAwayException">There was no answer in time, or one that says that nobody is there.</exception>
    /// <exception cref="OperationCanceledException">The caller's token has fired.</exception>
    public static async Task<T> AskAsync<T>(string who, Func<CancellationToken, Task<T>> ask, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        using var impatience = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, impatience.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (Exception exception) when (either.IsCancellationRequested && (exception is OperationCanceledException || StatusOf(exception) is StatusCode.Cancelled or StatusCode.DeadlineExceeded))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SidecarAwayException(string.Create(CultureInfo.InvariantCulture, $"{who} within {patience.TotalSeconds:0.#} s."), exception);
        }
        catch (Exception exception) when (StatusOf(exception) is { } status && !IsAnswer(status))
        {
            throw new SidecarAwayException($"{who} ({status}).", exception);
        }
    }

    // The clients of workflows throw what gRPC does, the client of everything else wraps it.
    private static StatusCode? StatusOf(Exception exception) => ((exception as RpcException) ?? (exception.InnerException as RpcException))?.StatusCode;

    // What says something about the question. All other statuses say that it did not get through, or that something behind the sidecar is away.
    private static bool IsAnswer(StatusCode status) =>
        status is StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.FailedPrecondition or StatusCode.InvalidArgument or StatusCode.OutOfRange;
}
