using WhiteCross.Sidecar.Resiliency;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>
/// The attempts of one delivery. When the subscription closes, a call that has begun is waited for; a pause is not, and no other call begins.
/// </summary>
internal sealed class DeliverySeries : IDisposable
{
    private readonly CancellationToken _closing;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _registration;
    private volatile Task _running = Task.CompletedTask;

    public DeliverySeries(CancellationToken closing)
    {
        _closing = closing;
        _registration = closing.UnsafeRegister(static state => ((DeliverySeries)state!).StopWhenIdle(), this);
    }

    public CancellationToken Token => _stop.Token;

    /// <summary>Failures of a delivery; anything else is a bug.</summary>
    public static bool IsFailure(Exception exception) => exception is
        PolicyFailureException or StatusCodeException or AskedAgainException or PermanentFailureException
        or HttpRequestException or IOException or OperationCanceledException;

    public async ValueTask<T> AttemptAsync<T>(Task<T> call)
    {
        _running = call;
        try
        {
            return await call;
        }
        catch (Exception exception) when (_closing.IsCancellationRequested && IsFailure(exception))
        {
            throw new PermanentFailureException(exception);
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _stop.Dispose();
    }

    private void StopWhenIdle()
    {
        var running = _running;
        if (running.IsCompleted)
        {
            Stop();
        }
        else
        {
            _ = running.ContinueWith(_ => Stop(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The delivery has ended.
        }
    }
}

/// <summary>The app wants an event, or some of a batch, once more: a failure without a status code.</summary>
internal sealed class AskedAgainException() : Exception("The app asked for it again.");
