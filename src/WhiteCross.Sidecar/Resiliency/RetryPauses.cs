namespace WhiteCross.Sidecar.Resiliency;

/// <summary>The pauses of one series of attempts.</summary>
internal sealed class RetryPauses(RetryPolicy policy, TimeProvider time)
{
    private const double Multiplier = 1.5;
    private const double Jitter = 0.5;

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _interval = policy.InitialInterval;
    private int _retries;

    /// <returns>The pause before the next attempt; null when no more is to be made.</returns>
    public TimeSpan? Next()
    {
        if (policy.MaxRetries >= 0 && _retries >= policy.MaxRetries)
        {
            return null;
        }

        _retries++;
        if (!policy.Exponential)
        {
            return policy.Duration;
        }

        // Uniform in [0.5, 1.5] × interval; the pause is drawn from the interval before it grows.
#pragma warning disable CA5394 // jitter needs no unpredictable numbers
        var pause = _interval * (1 - Jitter + (2 * Jitter * Random.Shared.NextDouble()));
#pragma warning restore CA5394
        _interval = _interval >= policy.MaxInterval / Multiplier ? policy.MaxInterval : _interval * Multiplier;
        return time.GetElapsedTime(_start) + pause > policy.MaxElapsedTime ? null : pause;
    }
}
