using System.Collections.Concurrent;

namespace WhiteCross.Gateway;

/// <summary>Keeps alerts as long as the process lives.</summary>
public sealed class InMemoryAlertStore : IAlertStore
{
    private readonly ConcurrentDictionary<(string Queue, string Kind), StoredAlert> _alerts = new();

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAlert>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<StoredAlert>>([.. _alerts.Values]);

    /// <inheritdoc/>
    public Task<StoredAlert?> FindAsync(string queue, string kind, CancellationToken cancellationToken) => Task.FromResult(_alerts.GetValueOrDefault((queue, kind)));

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(StoredAlert? current, StoredAlert next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        var key = (next.Queue, next.Kind);
        next = next with { Version = (current?.Version ?? 0) + 1 };
        return Task.FromResult(current is null
            ? _alerts.TryAdd(key, next)
            : _alerts.TryGetValue(key, out var stored) && stored.Version == current.Version && _alerts.TryUpdate(key, next, stored));
    }
}
