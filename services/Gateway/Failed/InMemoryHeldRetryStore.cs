using System.Collections.Concurrent;

namespace WhiteCross.Gateway;

/// <summary>Keeps held retries as long as the process lives.</summary>
public sealed class InMemoryHeldRetryStore : IHeldRetryStore
{
    private readonly ConcurrentDictionary<(string Queue, string Id), HeldRetry> _retries = new();

    /// <inheritdoc/>
    public Task<IReadOnlyList<HeldRetry>> ListAsync(string queue, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<HeldRetry>>([.. _retries.Values.Where(retry => retry.Queue == queue).OrderBy(retry => retry.Id, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public Task<HeldRetry?> FindAsync(string queue, string id, CancellationToken cancellationToken) =>
        Task.FromResult(_retries.GetValueOrDefault((queue, id)));

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(HeldRetry? current, HeldRetry next, CancellationToken cancellationToken)
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
