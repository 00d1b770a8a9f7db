using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>What is left of a job whose record has gone.</summary>
/// <param name="Remains">What became of it.</param>
/// <param name="Sum">Its data's.</param>
/// <param name="End">Its last run's end, if that ended it.</param>
/// <param name="IsRecalled">Whether it may be added again: the tombstone is there for events of it that are still about.</param>
internal sealed record Tombstone(JobRemains Remains, string Sum, EndOfRun? End, bool IsRecalled = false);

/// <summary>How a run ended, and what that was answered, to be answered again.</summary>
internal sealed record EndOfRun(long Token, RunEndKind Kind, LeaseState Answer);
