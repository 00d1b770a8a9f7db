using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>Which processes work on the queues. Each says so again and again; one that has gone silent is taken for dead.</summary>
public interface IWorkerRegistry
{
    /// <summary>For how long after it spoke last a worker is taken to be alive.</summary>
    static readonly TimeSpan AliveFor = TimeSpan.FromSeconds(10);

    /// <summary>Says that a worker is alive, and how busy.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task ReportAsync(string queue, WorkerStatus worker, CancellationToken cancellationToken);

    /// <summary>Says that a worker works no more.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="id">The worker's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task LeaveAsync(string queue, string id, CancellationToken cancellationToken);

    /// <summary>The workers that are alive, by their ids.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<WorkerStatus>> ListAsync(string queue, CancellationToken cancellationToken);
}
