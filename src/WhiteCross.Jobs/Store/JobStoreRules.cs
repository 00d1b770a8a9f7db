using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>Rules that every job store keeps alike.</summary>
public static class JobStoreRules
{
    /// <summary>
    /// How long a job that was handed out for publishing, or a dead letter, stays claimed. One that is not confirmed within it is handed out again:
    /// long enough for a slow sidecar, short enough that a publisher's death goes unnoticed.
    /// </summary>
    public static readonly TimeSpan ClaimFor = TimeSpan.FromSeconds(10);

    /// <summary>How far back the failure rate and the average processing time look.</summary>
    public static readonly TimeSpan MetricsWindow = TimeSpan.FromHours(1);

    /// <summary>How long the minutes of the metrics are kept.</summary>
    public static readonly TimeSpan KeepMinutesFor = TimeSpan.FromDays(1);

    /// <summary>Log lines that are kept of a job: the newest.</summary>
    public const int MaxLogLines = JobLimits.LogLines;

    /// <summary>Finished steps that a job may have.</summary>
    public const int MaxSteps = JobLimits.Steps;
}
