using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>How a run ends.</summary>
public enum RunEndKind
{
    /// <summary>The work is done. Counts as an attempt.</summary>
    Completed,

    /// <summary>It failed and comes back after a pause. Counts as an attempt; when it was the last one, the job fails for good instead.</summary>
    Retry,

    /// <summary>It failed for good. Counts as an attempt; owes a dead letter.</summary>
    Failed,

    /// <summary>It is postponed through no fault of the job. Does not count.</summary>
    Snoozed,

    /// <summary>It was interrupted by a shutdown: the job waits again at once, and gets a new event. Does not count.</summary>
    Released,
}

/// <summary>The end of a run, to be put on record.</summary>
/// <param name="Key">Which run.</param>
/// <param name="Kind">How it ends.</param>
public sealed record RunEnd(RunKey Key, RunEndKind Kind)
{
    /// <summary>What the handler returned, as UTF-8 JSON; empty when nothing.</summary>
    public ReadOnlyMemory<byte> Result { get; init; }

    /// <summary>Whether the data of the completed job is forgotten at once: nothing needs it any more, and it should not lie about.</summary>
    public bool ForgetsData { get; init; }

    /// <summary>Why it failed.</summary>
    public JobError? Error { get; init; }

    /// <summary>Why it was snoozed; null when nothing was said.</summary>
    public string? SnoozeReason { get; init; }

    /// <summary>Whether the count of the job's snoozes, and the time that they may go on, start anew with this one.</summary>
    public bool SnoozesAnew { get; init; }

    /// <summary>As <see cref="RunReport.Sequence"/>, for <see cref="Progress"/> and <see cref="Logs"/>.</summary>
    public long Sequence { get; init; }

    /// <summary>How long until the job is due again: the back-off, or the snooze.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The last progress that has not been reported yet, as UTF-8 JSON; empty when there is none. A completed job shows 100 % all the same.</summary>
    public ReadOnlyMemory<byte> Progress { get; init; }

    /// <summary>Log lines that have not been reported yet.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];
}

/// <summary>What a run's write met.</summary>
public enum LeaseState
{
    /// <summary>The run holds its job and the write was taken; or this very end of the run was taken before.</summary>
    Held,

    /// <summary>The run no longer holds its job; the write was refused.</summary>
    Lost,

    /// <summary>The run holds its job and the write was taken; somebody has asked to cancel the job.</summary>
    CancelRequested,

    /// <summary>
    /// The run holds its job, which has as many finished steps as a job may have: the step was not kept. Progress and log lines of the same report were.
    /// </summary>
    TooManySteps,
}

/// <summary>What a run reports while it runs.</summary>
/// <param name="Key">Which run.</param>
public sealed record RunReport(RunKey Key)
{
    /// <summary>The latest progress, as UTF-8 JSON; empty when it has not changed.</summary>
    public ReadOnlyMemory<byte> Progress { get; init; }

    /// <summary>New log lines, each cut to its limit already.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];

    /// <summary>
    /// Grows with each report of progress or log lines of the run, from 1: a report whose number has been taken changes neither again, so that it can be
    /// repeated when its answer was lost. 0: not numbered. Steps have no number: whatever is kept under a name can be kept again.
    /// </summary>
    public long Sequence { get; init; }

    /// <summary>The name of a step that has finished; null when none has.</summary>
    public string? Step { get; init; }

    /// <summary>That step's result, as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> StepResult { get; init; }
}
