using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>What came of adding a job.</summary>
public enum AddOutcome
{
    /// <summary>It is on record now.</summary>
    Added,

    /// <summary>A job of that id is on record already; nothing was changed.</summary>
    Exists,

    /// <summary>A job of that id has ended and its record has gone; only its tombstone is left. Nothing was changed.</summary>
    Ended,
}

/// <summary>What came of adding a job.</summary>
/// <param name="Outcome">Whether it was added.</param>
/// <param name="State">The job's state now; of a job that left only a tombstone, <see cref="JobState.Completed"/>.</param>
/// <param name="NeedsEvent">Whether its event must be published now. Not so for a job that is delayed, ended, or waiting in a paused queue.</param>
public readonly record struct AddResult(AddOutcome Outcome, JobState State, bool NeedsEvent);
