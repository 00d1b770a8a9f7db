using CsCheck;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>
/// Random histories with redelivered, doubled and lost events, answers that are lost and calls that are repeated for it, dead runs, pauses, retries, clean-ups and a clock that steps. On a failure CsCheck
/// prints the seed and the shortest history that it has found.
/// </summary>
public abstract class HistoryContract(IJobStoreFactory factory)
{
    /// <summary>How many histories are lived through.</summary>
    protected abstract int Histories { get; }

    [Fact]
    public Task Whatever_happens_no_job_is_lost_doubled_or_counted_wrong() => HistoryStep.Histories.SampleAsync(
        steps => JobHistory.LiveAsync(factory, steps, TestContext.Current.CancellationToken),
        iter: Histories,
        print: Print);

    /// <summary>A history as it is printed.</summary>
    protected static string Print(HistoryStep[] steps) => string.Join('\n', steps);
}
