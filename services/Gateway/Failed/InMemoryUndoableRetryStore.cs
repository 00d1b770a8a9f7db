using System.Collections.Concurrent;

namespace WhiteCross.Gateway;

/// <summary>Keeps retries that can be undone as long as the process lives.</summary>
public sealed class InMemoryUndoableRetryStore : IUndoableRetryStore
{
    private readonly ConcurrentDictionary<(string Queue, string Id), UndoableRetry> _retries = new();

    /// <inheritdoc/>
    public Task<IReadOnlyList<UndoableRetry>> ListAsync(string queue, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<UndoableRetry>>([.. _retries.Values.Where(retry => retry.Queue == queue).OrderBy(retry => retry.Id, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public Task<UndoableRetry?> FindAsync(string queue, string id, CancellationToken cancellationToken) =>
        Task.FromResult(_retries.GetValueOrDefault((queue, id)));

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(UndoableRetry? current, UndoableRetry next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        var key = (next.Queue, next.Id);
        next = next with { Version = (current?.Version ?? 0) + 1 };
        return Task.FromResult(current is null
            ? _retries.TryAdd(key, next)
            : _retries.TryGetValue(key, out var stored) && stored.Version == current.Version && _retries.TryUpdate(key, next, stored));
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) =>
        Task.FromResult(_retries.TryRemove((queue, id), out _));
}
