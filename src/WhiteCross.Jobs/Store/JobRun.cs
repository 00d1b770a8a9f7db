using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>Names one run of one job in every write that the run makes.</summary>
/// <param name="JobId">The job's id.</param>
/// <param name="Token">The fencing token: grows with every run of the job, so that a run whose lease was taken over is refused.</param>
public readonly record struct RunKey(string JobId, long Token);

/// <summary>A run that has begun: the job as the record has it, under a lease.</summary>
public sealed record JobRun
{
    /// <summary>The run's name in every write it makes.</summary>
    public required RunKey Key { get; init; }

    /// <summary>The job's type.</summary>
    public required string Type { get; init; }

    /// <summary>The job's data, as UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>How urgent it is.</summary>
    public JobPriority Priority { get; init; }

    /// <summary>Which attempt this is, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>Attempts in all.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>The pause between attempts.</summary>
    public JobBackoff Backoff { get; init; } = new(JobBackoffType.Exponential, 2_000);

    /// <summary>How long the attempt may run.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>When the job was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when it was ready to run: added, due, or put back.</summary>
    public DateTimeOffset ReadySince { get; init; }

    /// <summary>When the run began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The W3C traceparent under which it was added; null when tracing was off.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Who added it; see <see cref="JobRecord.AddedBy"/>.</summary>
    public string? AddedBy { get; init; }

    /// <summary>How often the job was snoozed since its last attempt that counted.</summary>
    public int Snoozes { get; init; }

    /// <summary>
    /// Since when it has been snoozed time and again; null when it has not. By the store's clock, like <see cref="StartedAt"/>: their difference is how long.
    /// </summary>
    public DateTimeOffset? SnoozedSince { get; init; }

    /// <summary>Whether the job has begun before, so that there may be finished steps.</summary>
    public bool HasRunBefore => Key.Token > 1;
}
