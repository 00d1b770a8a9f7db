namespace Dapr.Workflow;

/// <summary>When a failed activity or child workflow is tried again. The pauses are durable timers; each try is a call of its own in the history.</summary>
public class WorkflowRetryPolicy
{
    private static readonly TimeSpan DefaultMaxRetryInterval = TimeSpan.FromHours(1);

    /// <summary>Creates a policy.</summary>
    /// <param name="maxNumberOfAttempts">Attempts in all, the first one included; at least 1.</param>
    /// <param name="firstRetryInterval">The pause before the second attempt; more than zero.</param>
    /// <param name="backoffCoefficient">What each pause is multiplied by to give the next; at least 1. Default: 1.</param>
    /// <param name="maxRetryInterval">The longest pause; null: pauses are not capped. At least <paramref name="firstRetryInterval"/>.</param>
    /// <param name="retryTimeout">No attempt begins later than this after the first one; null: no limit. At least <paramref name="firstRetryInterval"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public WorkflowRetryPolicy(
        int maxNumberOfAttempts,
        TimeSpan firstRetryInterval,
        double backoffCoefficient = 1.0,
        TimeSpan? maxRetryInterval = null,
        TimeSpan? retryTimeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNumberOfAttempts);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(firstRetryInterval, TimeSpan.Zero);
        if (double.IsNaN(backoffCoefficient) || backoffCoefficient < 1.0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(backoffCoefficient), backoffCoefficient, "The back-off coefficient multiplies the pauses: give 1 (equal pauses) or more.");
        }

        if ((maxRetryInterval ?? DefaultMaxRetryInterval) < firstRetryInterval)
        {
            throw new ArgumentOutOfRangeException(
                nameof(maxRetryInterval), maxRetryInterval, "The longest pause (1 hour when not given) is shorter than the first one.");
        }

        if (retryTimeout is { } timeout && timeout != Timeout.InfiniteTimeSpan && timeout < firstRetryInterval)
        {
            throw new ArgumentOutOfRangeException(nameof(retryTimeout), retryTimeout, "The timeout of all retries is shorter than the first pause.");
        }

        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        MaxRetryInterval = maxRetryInterval;
        RetryTimeout = retryTimeout ?? Timeout.InfiniteTimeSpan;
    }

    /// <summary>Attempts in all, the first one included.</summary>
    public int MaxNumberOfAttempts { get; }

    /// <summary>The pause before the second attempt.</summary>
    public TimeSpan FirstRetryInterval { get; }

    /// <summary>What each pause is multiplied by to give the next.</summary>
    public double BackoffCoefficient { get; }

    /// <summary>The longest pause; null: not capped.</summary>
    public TimeSpan? MaxRetryInterval { get; }

    /// <summary>No attempt begins later than this after the first one; <see cref="Timeout.InfiniteTimeSpan"/>: no limit.</summary>
    public TimeSpan RetryTimeout { get; }
}
