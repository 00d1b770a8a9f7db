using System.Collections.Concurrent;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Knows the workers of one process.</summary>
/// <param name="time">The clock.</param>
public sealed class InMemoryWorkerRegistry(TimeProvider time) : IWorkerRegistry
{
    private readonly ConcurrentDictionary<(string Queue, string Id), (WorkerStatus Worker, DateTimeOffset SpokeAt)> _workers = new();

    /// <inheritdoc/>
    public Task ReportAsync(string queue, WorkerStatus worker, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(worker);
        _workers[(queue, worker.Id)] = (worker, time.GetUtcNow());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task LeaveAsync(string queue, string id, CancellationToken cancellationToken)
    {
        _workers.TryRemove((queue, id), out _);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerStatus>> ListAsync(string queue, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - IWorkerRegistry.AliveFor;
        foreach (var silent in _workers.Where(known => known.Value.SpokeAt < since))
        {
            _workers.TryRemove(silent);
        }

        return Task.FromResult<IReadOnlyList<WorkerStatus>>(
            [.. _workers.Where(known => known.Key.Queue == queue).Select(known => known.Value.Worker).OrderBy(worker => worker.Id, StringComparer.Ordinal)]);
    }
}
