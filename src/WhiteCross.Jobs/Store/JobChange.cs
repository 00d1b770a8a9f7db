using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>What has changed of a job.</summary>
public enum JobChangeKind
{
    /// <summary>Its state.</summary>
    State,

    /// <summary>Its progress.</summary>
    Progress,

    /// <summary>Its log: one line more.</summary>
    Log,

    /// <summary>Its record has gone.</summary>
    Removed,
}

/// <summary>Something that has changed of a job, as it happens. Never holds the job's data.</summary>
/// <param name="Queue">The queue's name.</param>
/// <param name="JobId">The job's id.</param>
/// <param name="Kind">What has changed.</param>
/// <param name="State">The job's state now.</param>
/// <param name="At">When.</param>
/// <param name="Progress">The new progress, with <see cref="JobChangeKind.Progress"/>.</param>
/// <param name="Line">The new line, with <see cref="JobChangeKind.Log"/>.</param>
public sealed record JobChange(
    string Queue, string JobId, JobChangeKind Kind, JobState State, DateTimeOffset At, JobProgress? Progress = null, string? Line = null);
