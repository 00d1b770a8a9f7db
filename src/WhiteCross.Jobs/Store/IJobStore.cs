using WhiteCross.Jobs.Failures;

namespace WhiteCross.Jobs.Store;

/// <summary>
/// The record of all jobs: the truth that decides what may run. Calls that the hot path makes take a batch and cost one round trip whatever its
/// size; results come in the order of the batch. Every call is atomic per queue, and either has happened as a whole or, when it throws, may or may
/// not have: all of them can be repeated without harm, also when only the answer was lost. Calls of runs are then answered as they were the first
/// time; what an operator asked for is found done, so that it is told as a state in which it cannot be done again, or as a smaller number. Whoever
/// uses it takes the parts that it needs: see <see cref="JobStoreRoles"/>.
/// </summary>
public interface IJobStore : IJobArrivals, IJobRuns, IJobOutbox, IJobReader, IJobControl
{
    /// <summary>Failed jobs by their cause.</summary>
    IJobFailures Failures { get; }

    /// <summary>Which processes work on the queues.</summary>
    IWorkerRegistry Workers { get; }
}
