using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>Rules that every job store keeps alike.</summary>
public static class JobStoreRules
{
    private static readonly TimeSpan LongestSweepGap = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a job that was handed out for publishing, or a dead letter, stays claimed. One that is not confirmed within it is handed out again:
    /// long enough for a slow sidecar, short enough that a publisher's death goes unnoticed.
    /// </summary>
    public static readonly TimeSpan ClaimFor = TimeSpan.FromSeconds(10);

    /// <summary>
    /// When nobody has looked for stalled runs for longer than this, the store was away, or everybody who looks: then runs that live could not renew
    /// their leases either, and get <see cref="StallGrace"/> to do so.
    /// </summary>
    /// <param name="lease">The queue's lease: with a short one, so long is too long.</param>
    public static TimeSpan SweepGap(TimeSpan lease) => lease * 0.75 < LongestSweepGap ? lease * 0.75 : LongestSweepGap;

    /// <summary>For how long no run counts as stalled after such a gap: some renewals' time.</summary>
    public static readonly TimeSpan StallGrace = TimeSpan.FromSeconds(2);

    /// <summary>How far back the failure rate and the average processing time look.</summary>
    public static readonly TimeSpan MetricsWindow = TimeSpan.FromHours(1);

    /// <summary>How long the minutes of the metrics are kept.</summary>
    public static readonly TimeSpan KeepMinutesFor = TimeSpan.FromDays(1);

    /// <summary>Log lines that are kept of a job: the newest.</summary>
    public const int MaxLogLines = JobLimits.LogLines;

    /// <summary>Finished steps that a job may have.</summary>
    public const int MaxSteps = JobLimits.Steps;

    /// <summary>Attempts that stay on record from before a retry by hand: the newest. However often a job is retried, its record does not grow for ever.</summary>
    public const int MaxEarlierAttempts = 20;

    /// <summary>Bytes of records on a page, about: the record that goes beyond is its last.</summary>
    public const int PageBytes = 4 * 1024 * 1024;
}
