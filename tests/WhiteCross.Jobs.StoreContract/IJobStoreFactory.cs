using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Makes the job stores that the contract is checked on.</summary>
public interface IJobStoreFactory
{
    /// <summary>A job store; queues of other names than this test's may be on it.</summary>
    IJobStore Create(Func<string, QueueOptions> options, TimeProvider time);
}
