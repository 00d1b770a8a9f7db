namespace WhiteCross.Jobs.Contracts;

/// <summary>How many jobs of one queue are in which state, and what has happened since the beginning.</summary>
public sealed record QueueMetrics
{
    /// <summary>The queue's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the queue is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Jobs that are ready to run.</summary>
    public long Waiting { get; init; }

    /// <summary>Jobs that run.</summary>
    public long Active { get; init; }

    /// <summary>Completed jobs that are still kept.</summary>
    public long Completed { get; init; }

    /// <summary>Failed jobs that are still kept.</summary>
    public long Failed { get; init; }

    /// <summary>Jobs that are not due yet.</summary>
    public long Delayed { get; init; }

    /// <summary>Jobs that would be ready to run were the queue not paused.</summary>
    public long Paused { get; init; }

    /// <summary>Jobs ever added. At all times: waiting + delayed + active + paused + completed + failed + removed = added.</summary>
    public long Added { get; init; }

    /// <summary>Jobs whose record has gone: by retention, by clean, by remove.</summary>
    public long Removed { get; init; }

    /// <summary>Jobs ever completed.</summary>
    public long CompletedTotal { get; init; }

    /// <summary>Jobs that ever failed for good.</summary>
    public long FailedTotal { get; init; }

    /// <summary>Attempts whose lease ran out.</summary>
    public long StalledTotal { get; init; }

    /// <summary>Attempts that failed and were followed by another, and failed jobs that somebody retried.</summary>
    public long RetriedTotal { get; init; }

    /// <summary>The mean time of the attempts that ended within the last hour, in milliseconds; 0 when there were none.</summary>
    public double AverageProcessingTime { get; init; }

    /// <summary>Jobs that failed for good within the last hour, as a share of those that ended: 0–1.</summary>
    public double FailureRate { get; init; }

    /// <summary>When the job that has waited longest was added or became due; null when none waits.</summary>
    public DateTimeOffset? OldestWaitingAt { get; init; }
}

/// <summary>The same numbers summed over all queues.</summary>
/// <param name="Waiting">Jobs that are ready to run.</param>
/// <param name="Active">Jobs that run.</param>
/// <param name="Completed">Completed jobs that are still kept.</param>
/// <param name="Failed">Failed jobs that are still kept.</param>
/// <param name="Delayed">Jobs that are not due yet.</param>
/// <param name="Paused">Jobs that would be ready to run were their queue not paused.</param>
public sealed record MetricsTotals(long Waiting, long Active, long Completed, long Failed, long Delayed, long Paused);

/// <summary>The metrics of all queues.</summary>
/// <param name="Queues">By the queue's name.</param>
/// <param name="Totals">Summed.</param>
/// <param name="Timestamp">When they were read.</param>
public sealed record MetricsReport(IReadOnlyDictionary<string, QueueMetrics> Queues, MetricsTotals Totals, DateTimeOffset Timestamp);
