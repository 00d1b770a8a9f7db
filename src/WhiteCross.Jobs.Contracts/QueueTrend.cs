namespace WhiteCross.Jobs.Contracts;

/// <summary>What a queue was like over some time, step by step, for a chart.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Span">How far back: <c>1h</c>, <c>6h</c>, <c>24h</c> or <c>7d</c>.</param>
/// <param name="StepSeconds">How long each step is.</param>
/// <param name="Steps">Oldest first, the present one last, without gaps.</param>
public sealed record QueueTrend(string Name, string Span, int StepSeconds, IReadOnlyList<QueueTrendStep> Steps);

/// <summary>One step of it. What no gateway looked at, because none ran or the job store was away, is absent: unknown is not 0.</summary>
public sealed record QueueTrendStep
{
    /// <summary>When the step began.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The most jobs that were ready to run, also those that a pause keeps from it.</summary>
    public long? Waiting { get; init; }

    /// <summary>The most jobs that ran.</summary>
    public long? Active { get; init; }

    /// <summary>The most jobs that were not due yet.</summary>
    public long? Delayed { get; init; }

    /// <summary>The longest that a job was seen to have waited for its turn, in milliseconds.</summary>
    public long? LongestWait { get; init; }

    /// <summary>Jobs that completed.</summary>
    public long? Completed { get; init; }

    /// <summary>Jobs that failed for good.</summary>
    public long? Failed { get; init; }

    /// <summary>Attempts whose lease ran out.</summary>
    public long? Stalled { get; init; }

    /// <summary>Half of the attempts of the slowest minute took no longer, in milliseconds, near enough; absent when none ended.</summary>
    public double? P50 { get; init; }

    /// <summary>95 % of them took no longer.</summary>
    public double? P95 { get; init; }
}
