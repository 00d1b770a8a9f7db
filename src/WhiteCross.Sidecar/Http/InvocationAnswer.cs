using Microsoft.Extensions.Primitives;
using WhiteCross.Sidecar.Resiliency;

namespace WhiteCross.Sidecar.Http;

/// <summary>
/// What the caller of an invocation is answered. It is begun once: by the attempt whose answer is passed on as it comes, or by whoever says what came of all
/// attempts. An attempt that a policy no longer waits for may still be at it then.
/// </summary>
internal sealed partial class InvocationAnswer(HttpContext context, string appId, ILogger logger)
{
    private const int MaxChunkSize = 16 * 1024;

    private readonly TaskCompletionSource _passedOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isBegun;

    public bool IsBegun => Volatile.Read(ref _isBegun);

    /// <summary>Completes when the answer that an attempt began has ended, in whatever way.</summary>
    public Task PassedOn => _passedOn.Task;

    /// <summary>Takes the answer for whoever asks first.</summary>
    public bool TryBegin() => !Interlocked.Exchange(ref _isBegun, true);

    /// <summary>
    /// Passes an answer on as it comes: its head at once, its body chunk by chunk. When it breaks off in the middle the caller's connection is broken off, too, so that
    /// nobody takes a part for the whole.
    /// </summary>
    /// <exception cref="PermanentFailureException">It broke off, or another has begun to answer.</exception>
    public async Task PassOnAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!TryBegin())
        {
            throw AlreadyBegun();
        }

        try
        {
            var head = AnswerHead.Of(answer);
            head.Write(context.Response);
            if (HasBody(head))
            {
                await CopyAsync(answer.Content, chunkSize: (int)Math.Min(head.Length ?? MaxChunkSize, MaxChunkSize), cancellationToken);
            }
        }
        catch (Exception exception)
        {
            if (!context.RequestAborted.IsCancellationRequested)
            {
                LogBrokenOff(logger, appId, exception.GetType().Name);
            }

            // This ends the policy's series as well, since what ends the request ends it.
            context.Abort();
            throw new PermanentFailureException(exception);
        }
        finally
        {
            _passedOn.SetResult();
        }
    }

    /// <summary>Writes an answer that was read whole.</summary>
    public async Task WriteAsync(WholeAnswer answer)
    {
        answer.Head.Write(context.Response);
        if (HasBody(answer.Head))
        {
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    /// <exception cref="PermanentFailureException">An attempt's answer is being passed on, or was: no other attempt can be of use.</exception>
    public void EnsureNotBegun()
    {
        if (IsBegun)
        {
            throw AlreadyBegun();
        }
    }

    private static PermanentFailureException AlreadyBegun() => new(new InvalidOperationException("The answer has begun already."));

    // What must have no body must not be written to: the server would end the connection under the caller's next request.
    private bool HasBody(AnswerHead head) =>
        head is { Length: not 0, Status: not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified) }
        && !HttpMethods.IsHead(context.Request.Method);

    private async Task CopyAsync(HttpContent content, int chunkSize, CancellationToken cancellationToken)
    {
        await using var source = await content.ReadAsStreamAsync(cancellationToken);
        var chunk = new byte[chunkSize];
        while (true)
        {
            var reading = source.ReadAsync(chunk, cancellationToken);
            if (!reading.IsCompleted && !context.Response.HasStarted)
            {
                // The head does not wait for the body; where both are there, they go out together.
                await context.Response.Body.FlushAsync(cancellationToken);
            }

            var count = await reading;
            if (count == 0)
            {
                return;
            }

            // Goes out at once: the server keeps back nothing of a body.
            await context.Response.Body.WriteAsync(chunk.AsMemory(0, count), cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "An answer of {AppId} broke off in the middle ({Failure}), and so did what its caller got of it")]
    private static partial void LogBrokenOff(ILogger logger, string appId, string failure);
}

/// <summary>How an answer begins: its status, and of its headers those that are not only between two neighbours.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Length">How long the body is, or would be; null: not said.</param>
/// <param name="Headers">The headers.</param>
internal sealed record AnswerHead(int Status, long? Length, IReadOnlyList<KeyValuePair<string, StringValues>> Headers)
{
    public static AnswerHead Of(HttpResponseMessage answer) => new(
        (int)answer.StatusCode,
        answer.Content.Headers.ContentLength,
        [
            .. answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
                .Where(header => !HopHeaders.Contains(header.Key))
                .Select(header => KeyValuePair.Create(header.Key, new StringValues([.. header.Value]))),
        ]);

    public void Write(HttpResponse response)
    {
        response.StatusCode = Status;
        foreach (var (name, values) in Headers)
        {
            response.Headers[name] = values;
        }

        if (Status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent))
        {
            response.ContentLength = Length;
        }
    }
}

/// <summary>An answer that was read to its end.</summary>
/// <param name="Head">How it begins.</param>
/// <param name="Body">Its body.</param>
internal sealed record WholeAnswer(AnswerHead Head, byte[] Body)
{
    public static async Task<WholeAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        new(AnswerHead.Of(answer), await answer.Content.ReadAsByteArrayAsync(cancellationToken));
}
