using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>What came of adding a job.</summary>
public enum AddOutcome
{
    /// <summary>It is on record now.</summary>
    Added,

    /// <summary>A job of that id is on record already; nothing was changed.</summary>
    Exists,

    /// <summary>A job of that id has been on record and its record has gone; only its tombstone is left. Nothing was changed.</summary>
    Ended,
}

/// <summary>What is known of a job whose record has gone and whose tombstone is left.</summary>
public enum JobRemains
{
    /// <summary>The job's record has not gone.</summary>
    Record,

    /// <summary>It completed.</summary>
    Completed,

    /// <summary>It failed for good, cancelled ones included.</summary>
    Failed,

    /// <summary>It was removed before it had ended: it was never done, and never will be.</summary>
    Removed,
}

/// <summary>What came of adding a job.</summary>
/// <param name="Outcome">Whether it was added.</param>
/// <param name="State">
/// The job's state now; of one that left only a tombstone, <see cref="JobState.Completed"/> or <see cref="JobState.Failed"/>, the latter also when it
/// was removed before its end: see <paramref name="Remains"/>.
/// </param>
/// <param name="NeedsEvent">Whether its event must be published now. Not so for a job that is delayed, ended, or waiting in a paused queue.</param>
/// <param name="Remains">What became of a job that left only a tombstone.</param>
/// <param name="SameData">
/// Whether the job that is known by this id has the same type and data as this one; blanks between the values of JSON do not count. True also where
/// that cannot be told: its tombstone was left by an earlier version.
/// </param>
public readonly record struct AddResult(
    AddOutcome Outcome, JobState State, bool NeedsEvent, JobRemains Remains = JobRemains.Record, bool SameData = true);

/// <summary>What is known of an id.</summary>
/// <param name="State">As in <see cref="AddResult"/>.</param>
/// <param name="Remains">As in <see cref="AddResult"/>.</param>
public readonly record struct KnownJob(JobState State, JobRemains Remains = JobRemains.Record);
