using CsCheck;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>What may happen to a queue.</summary>
public enum HistoryStepKind
{
    Add,
    AddBatch,
    Deliver,
    DeliverDescribed,
    LoseEvent,
    Finish,
    Renew,
    Report,
    TakeDue,
    ConfirmPublished,
    RequestEvents,
    Reconcile,
    RecoverStalled,
    TakeDeadLetters,
    ConfirmDeadLetters,
    FailUndeliverable,
    Retry,
    RetryAll,
    Promote,
    Cancel,
    Remove,
    Pause,
    Resume,
    Clean,
    Trim,
    Advance,
    StepClockBack,
    LoseNextAnswer,
}

/// <summary>One step of a history. What the numbers choose depends on the kind: a job, an event, a run, a duration.</summary>
public readonly record struct HistoryStep(HistoryStepKind Kind, int A, int B)
{
    /// <summary>Histories in which most steps move jobs on, and the rest disturbs that.</summary>
    public static Gen<HistoryStep[]> Histories { get; } = Gen.Select(
        Gen.Frequency(
            (10, Gen.Const(HistoryStepKind.Add)),
            (3, Gen.Const(HistoryStepKind.AddBatch)),
            (16, Gen.Const(HistoryStepKind.Deliver)),
            (4, Gen.Const(HistoryStepKind.DeliverDescribed)),
            (2, Gen.Const(HistoryStepKind.LoseEvent)),
            (14, Gen.Const(HistoryStepKind.Finish)),
            (3, Gen.Const(HistoryStepKind.Renew)),
            (3, Gen.Const(HistoryStepKind.Report)),
            (8, Gen.Const(HistoryStepKind.TakeDue)),
            (4, Gen.Const(HistoryStepKind.ConfirmPublished)),
            (2, Gen.Const(HistoryStepKind.RequestEvents)),
            (3, Gen.Const(HistoryStepKind.Reconcile)),
            (5, Gen.Const(HistoryStepKind.RecoverStalled)),
            (2, Gen.Const(HistoryStepKind.TakeDeadLetters)),
            (3, Gen.Const(HistoryStepKind.ConfirmDeadLetters)),
            (1, Gen.Const(HistoryStepKind.FailUndeliverable)),
            (3, Gen.Const(HistoryStepKind.Retry)),
            (1, Gen.Const(HistoryStepKind.RetryAll)),
            (2, Gen.Const(HistoryStepKind.Promote)),
            (2, Gen.Const(HistoryStepKind.Cancel)),
            (2, Gen.Const(HistoryStepKind.Remove)),
            (2, Gen.Const(HistoryStepKind.Pause)),
            (3, Gen.Const(HistoryStepKind.Resume)),
            (1, Gen.Const(HistoryStepKind.Clean)),
            (2, Gen.Const(HistoryStepKind.Trim)),
            (12, Gen.Const(HistoryStepKind.Advance)),
            (1, Gen.Const(HistoryStepKind.StepClockBack)),
            (8, Gen.Const(HistoryStepKind.LoseNextAnswer))),
        Gen.Int[0, 999],
        Gen.Int[0, 999],
        (kind, a, b) => new HistoryStep(kind, a, b)).Array[1, 60];
}
