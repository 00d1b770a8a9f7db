using System.Globalization;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>
/// What stands around a call: retry ( circuit breaker ( timeout ( call ) ) ). Immutable but for the breaker's counters; safe to share and to keep.
/// </summary>
public sealed partial class ResiliencePolicy
{
    private readonly string _name;
    private readonly RetryPolicy? _retry;
    private readonly CircuitBreaker? _breaker;
    private readonly TimeSpan? _timeout;
    private readonly ResiliencePolicy? _inner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal ResiliencePolicy(
        string name, RetryPolicy? retry, CircuitBreaker? breaker, TimeSpan? timeout, ResiliencePolicy? inner, TimeProvider time, ILogger logger)
    {
        (_name, _retry, _breaker, _inner, _time, _logger) = (name, retry, breaker, inner, time, logger);
        _timeout = timeout > TimeSpan.Zero ? timeout : null;
    }

    /// <summary>Whether a call is made once, without limits: then the policy costs nothing.</summary>
    public bool IsEmpty => _retry is null && _breaker is null && _timeout is null && (_inner?.IsEmpty ?? true);

    /// <summary>Whether failed calls are repeated.</summary>
    public bool Retries => _retry is not null || (_inner?.Retries ?? false);

    /// <summary>The circuit breaker; null: none.</summary>
    public CircuitBreaker? CircuitBreaker => _breaker;

    /// <summary>The same for a call that cannot be made twice: nothing is repeated.</summary>
    internal ResiliencePolicy WithoutRetries() => Retries ? new(_name, retry: null, _breaker, _timeout, _inner?.WithoutRetries(), _time, _logger) : this;

    /// <summary>
    /// Makes a call under the policy. An exception of the call is a failed attempt; a <see cref="StatusCodeException"/> tells its code, and a
    /// <see cref="PermanentFailureException"/> ends the series. An attempt that is timed out is cancelled and not waited for.
    /// </summary>
    /// <typeparam name="T">What the call gives.</typeparam>
    /// <param name="call">The call; called again for each attempt.</param>
    /// <param name="cancellationToken">Ends the series, also during a pause.</param>
    /// <returns>What the first attempt that succeeded gave.</returns>
    /// <exception cref="PolicyFailureException">
    /// Timeout or CircuitOpen where that ended the call without a retry; RetriesExhausted when the retries are used up, with the last failure inside.
    /// Every other failure that is not retried is thrown as it is.
    /// </exception>
    public async ValueTask<T> ExecuteAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (_retry is null)
        {
            try
            {
                return await AttemptAsync(call, attempt: 1, cancellationToken);
            }
            catch (PermanentFailureException permanent)
            {
                throw Unwrapped(permanent);
            }
        }

        var pauses = new RetryPauses(_retry, _time);
        for (var attempt = 1; ; attempt++)
        {
            Exception failure;
            try
            {
                var result = await AttemptAsync(call, attempt, cancellationToken);
                if (attempt > 1)
                {
                    LogRecovered(_name, attempt);
                }

                return result;
            }
            catch (PermanentFailureException permanent)
            {
                throw Unwrapped(permanent);
            }
            catch (Exception exception) when (IsRetried(exception, cancellationToken))
            {
                failure = exception;
            }

            if (pauses.Next() is not { } pause)
            {
                throw new PolicyFailureException(
                    PolicyFailureKind.RetriesExhausted,
                    string.Create(CultureInfo.InvariantCulture, $"{_name}: failed {attempt} times; no retry is left"),
                    attempt,
                    failure);
            }

            if (attempt == 1)
            {
                LogFailed(_name, failure.GetType().Name, pause.TotalMilliseconds);
            }

            await Task.Delay(pause, _time, cancellationToken);
        }
    }

    /// <summary>Makes a call that gives nothing.</summary>
    /// <param name="call">The call; called again for each attempt.</param>
    /// <param name="cancellationToken">Ends the series, also during a pause.</param>
    public async ValueTask ExecuteAsync(Func<CancellationToken, ValueTask> call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        await ExecuteAsync(
            async token =>
            {
                await call(token);
                return true;
            },
            cancellationToken);
    }

    private static Exception Unwrapped(PermanentFailureException permanent) => permanent.InnerException ?? permanent;

    private bool IsRetried(Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        return exception switch
        {
            // Open means open: neither this retry nor one around it goes on.
            PolicyFailureException { Kind: PolicyFailureKind.CircuitOpen } => false,
            StatusCodeException { HttpStatus: { } code } => _retry!.HttpStatusCodes?.Contains(code) ?? _retry.RetriesUncoded,
            StatusCodeException { GrpcStatus: { } code } => _retry!.GrpcStatusCodes?.Contains(code) ?? _retry.RetriesUncoded,
            _ => _retry!.RetriesUncoded,
        };
    }

    private async ValueTask<T> AttemptAsync<T>(Func<CancellationToken, ValueTask<T>> call, int attempt, CancellationToken cancellationToken)
    {
        if (_breaker is null)
        {
            return await TimedAsync(call, attempt, cancellationToken);
        }

        if (!_breaker.TryEnter(out var generation))
        {
            throw new PolicyFailureException(PolicyFailureKind.CircuitOpen, $"{_breaker.Name}: the circuit breaker is open", attempt - 1);
        }

        var success = false;
        try
        {
            var result = await TimedAsync(call, attempt, cancellationToken);
            success = true;
            return result;
        }
        finally
        {
            _breaker.Leave(generation, success);
        }
    }

    private async ValueTask<T> TimedAsync<T>(Func<CancellationToken, ValueTask<T>> call, int attempt, CancellationToken cancellationToken)
    {
        if (_timeout is not { } timeout)
        {
            return await InnerAsync(call, cancellationToken);
        }

        using var clock = new CancellationTokenSource(timeout, _time);
        using var outer = cancellationToken.UnsafeRegister(static clock => ((CancellationTokenSource)clock!).Cancel(), clock);
        var running = InnerAsync(call, clock.Token).AsTask();
        try
        {
            return await running.WaitAsync(clock.Token);
        }
        catch (OperationCanceledException) when (clock.IsCancellationRequested && !running.IsCompleted)
        {
            // What goes on in spite of the cancellation may still fail: seen here, so that it does not end as an unobserved exception.
            _ = running.ContinueWith(
                static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw cancellationToken.IsCancellationRequested ? new OperationCanceledException(cancellationToken) : TimedOut();
        }
        catch (OperationCanceledException) when (clock.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut();
        }

        PolicyFailureException TimedOut() => new(
            PolicyFailureKind.Timeout,
            string.Create(CultureInfo.InvariantCulture, $"{_name}: the attempt took longer than {timeout.TotalMilliseconds:0} ms"),
            attempt);
    }

    private ValueTask<T> InnerAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken) =>
        _inner is null ? call(cancellationToken) : _inner.ExecuteAsync(call, cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Policy}: failed ({Failure}), again in {Pause:0} ms")]
    private partial void LogFailed(string policy, string failure, double pause);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Policy}: succeeded at attempt {Attempt}")]
    private partial void LogRecovered(string policy, int attempt);
}
