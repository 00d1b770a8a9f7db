namespace WhiteCross.Jobs.Store;

/// <summary>Asks to begin a run of a job whose event has come in.</summary>
/// <param name="JobId">The job's id.</param>
/// <param name="IfMissing">
/// The job as its event describes it, to be put on record when there is none: anybody may publish a job without our libraries. Null for an event
/// that only names a job.
/// </param>
/// <param name="Holder">
/// Who asks: a name of this process' own, new at each start, without blanks. A holder that asks again for a job whose run it holds gets the same run
/// again, with its lease anew, so that an answer that was lost costs nothing. Null: whoever holds the run, the answer is that it runs.
/// </param>
public readonly record struct BeginRequest(string JobId, NewJob? IfMissing = null, string? Holder = null);

/// <summary>Whether a run may begin.</summary>
public enum BeginOutcome
{
    /// <summary>It has begun, or the same holder has begun it before; its lease runs.</summary>
    Started,

    /// <summary>The queue is paused: the job keeps waiting, and gets a new event when the queue is resumed.</summary>
    Paused,

    /// <summary>The job is not due yet: it gets a new event when it is.</summary>
    NotDue,

    /// <summary>Another run holds the job.</summary>
    Running,

    /// <summary>The job has completed or failed, now or earlier, also if only its tombstone is left.</summary>
    Ended,

    /// <summary>There is no such job and the event does not describe one: it was removed, and its tombstone has gone.</summary>
    Unknown,
}

/// <summary>Whether a run may begin, and the run.</summary>
/// <param name="Outcome">Whether it may.</param>
/// <param name="Run">The run that has begun; null otherwise.</param>
public readonly record struct BeginResult(BeginOutcome Outcome, JobRun? Run = null);
