namespace WhiteCross.Sidecar.Resiliency;

/// <summary>What is around a call: retry ( circuit breaker ( timeout ( call ) ) ), as in Dapr.</summary>
public sealed class ResiliencePolicy
{
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestSeries = TimeSpan.FromMinutes(15);
    private const double Multiplier = 1.5;

    private readonly RetrySettings? _retry;
    private readonly CircuitBreaker? _breaker;
    private readonly TimeSpan? _timeout;
    private readonly TimeProvider _time;

    internal ResiliencePolicy(RetrySettings? retry, CircuitBreaker? breaker, TimeSpan? timeout, TimeProvider time) =>
        (_retry, _breaker, _timeout, _time) = (retry, breaker, timeout, time);

    /// <summary>Makes the call until it succeeds, or the policy gives up.</summary>
    /// <typeparam name="T">What it returns.</typeparam>
    /// <param name="call">The call. It fails by throwing; a <see cref="CallFailedException"/> may carry a status code.</param>
    /// <param name="cancellationToken">Ends it, between attempts too.</param>
    /// <returns>What the last attempt returned; the exception of the last attempt is thrown.</returns>
    public async Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        var since = _time.GetTimestamp();
        var interval = FirstInterval;
        for (var retries = 0; ; retries++)
        {
            try
            {
                return await AttemptAsync(call, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && MayRetry(exception, retries))
            {
                var pause = _retry!.IsExponential ? interval * (0.5 + Random.Shared.NextDouble()) : _retry.Duration;
                if (_retry.IsExponential && _time.GetElapsedTime(since) + pause > LongestSeries)
                {
                    throw;
                }

                interval = interval * Multiplier < _retry.MaxInterval ? interval * Multiplier : _retry.MaxInterval;
                await Task.Delay(pause, _time, cancellationToken);
            }
        }
    }

    private bool MayRetry(Exception exception, int retries) =>
        _retry is not null
        && (_retry.MaxRetries < 0 || retries < _retry.MaxRetries)
        && exception is not CircuitOpenException
        && (_retry.HttpStatusCodes is null || exception is not CallFailedException { StatusCode: { } code } || _retry.HttpStatusCodes.Contains(code));

    private async Task<T> AttemptAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        _breaker?.Enter();
        try
        {
            T result;
            if (_timeout is { } timeout)
            {
                using var limit = new CancellationTokenSource(timeout, _time);
                using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                try
                {
                    result = await call(linked.Token).WaitAsync(linked.Token);
                }
                catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    throw new CallFailedException($"The call took longer than its timeout of {timeout.TotalSeconds:0.###} s.", null, exception);
                }
            }
            else
            {
                result = await call(cancellationToken);
            }

            _breaker?.Leave(isSuccess: true);
            return result;
        }
        catch (Exception exception) when (exception is not CircuitOpenException)
        {
            _breaker?.Leave(isSuccess: false);
            throw;
        }
    }
}

/// <summary>A call that a policy is around has failed.</summary>
public sealed class CallFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CallFailedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    public CallFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What lies behind it.</param>
    public CallFailedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="statusCode">The HTTP status code, where there was one.</param>
    /// <param name="innerException">What lies behind it.</param>
    public CallFailedException(string message, int? statusCode, Exception? innerException = null)
        : base(message, innerException) => StatusCode = statusCode;

    /// <summary>The HTTP status code; null when there was none.</summary>
    public int? StatusCode { get; }
}
