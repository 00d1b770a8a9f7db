namespace WhiteCross.Jobs.Contracts;

/// <summary>What applies to one job, once its own options and its queue's are put together.</summary>
/// <param name="Priority">How urgent it is.</param>
/// <param name="MaxAttempts">Attempts in all.</param>
/// <param name="Backoff">The pause between attempts.</param>
/// <param name="Timeout">How long one attempt may run.</param>
/// <param name="Delay">How long to wait before the first attempt.</param>
/// <param name="RemoveOnComplete">Forget the job once it has completed.</param>
/// <param name="RemoveOnFail">Forget the job once it has failed for good.</param>
public sealed record JobSettings(
    JobPriority Priority, int MaxAttempts, JobBackoff Backoff, TimeSpan Timeout, TimeSpan Delay, bool RemoveOnComplete, bool RemoveOnFail)
{
    /// <summary>Attempts that a HIGH or CRITICAL job gets at least, if it asks for no number itself.</summary>
    public const int UrgentAttempts = 5;

    /// <summary>The back-off of a HIGH or CRITICAL job that asks for none itself: exponential from 1 s.</summary>
    public static JobBackoff UrgentBackoff { get; } = new(JobBackoffType.Exponential, 1_000);

    /// <summary>Puts a job's own options and its queue's together.</summary>
    /// <param name="job">What the job asks for; null for nothing.</param>
    /// <param name="queue">The queue's options.</param>
    public static JobSettings Resolve(JobOptions? job, QueueOptions queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var priority = job?.Priority ?? JobPriority.Normal;
        var isUrgent = priority >= JobPriority.High;
        return new JobSettings(
            priority,
            job?.Attempts ?? (isUrgent ? Math.Max(queue.Attempts, UrgentAttempts) : queue.Attempts),
            job?.Backoff ?? (isUrgent ? UrgentBackoff : new JobBackoff(queue.BackoffType, (long)queue.BackoffDelay.TotalMilliseconds)),
            job?.Timeout is { } timeout ? TimeSpan.FromMilliseconds(timeout) : queue.JobTimeout,
            TimeSpan.FromMilliseconds(job?.Delay ?? 0),
            job?.RemoveOnComplete ?? false,
            job?.RemoveOnFail ?? false);
    }
}
