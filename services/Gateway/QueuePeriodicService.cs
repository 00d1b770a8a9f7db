using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Periodic work on the job store that is done queue by queue: one that fails keeps no other from it.</summary>
internal abstract class QueuePeriodicService(TimeSpan period, TimeProvider time) : StorePeriodicService(period, time)
{
    /// <summary>Does it for a queue.</summary>
    protected abstract Task RunAsync(string queue, CancellationToken cancellationToken);

    protected sealed override async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in JobQueues.All)
        {
            await GuardAsync(queue.Name, token => RunAsync(queue.Name, token), cancellationToken);
        }
    }
}
