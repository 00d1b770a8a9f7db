using System.Collections.Concurrent;

namespace WhiteCross.Gateway;

/// <summary>Versioned entries as long as the process lives.</summary>
internal sealed class InMemoryVersionedStore<T>(VersionedKind<T> kind) : IVersionedStore<T>
    where T : class
{
    private readonly ConcurrentDictionary<(string Group, string Name), T> _entries = new();

    public Task<IReadOnlyList<T>> ListAsync(string group, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<T>>([.. _entries.Where(entry => entry.Key.Group == group).OrderBy(entry => entry.Key.Name, StringComparer.Ordinal).Select(entry => entry.Value)]);

    public Task<T?> FindAsync(string group, string name, CancellationToken cancellationToken) => Task.FromResult(_entries.GetValueOrDefault((group, name)));

    public Task<bool> ReplaceAsync(T? current, T next, CancellationToken cancellationToken)
    {
        var (place, after) = ((kind.GroupOf(next), kind.NameOf(next)), kind.After(current, next));
        return Task.FromResult(current is null
            ? _entries.TryAdd(place, after)
            : _entries.TryGetValue(place, out var stored) && kind.VersionOf(stored) == kind.VersionOf(current) && _entries.TryUpdate(place, after, stored));
    }

    public Task<bool> RemoveAsync(string group, string name, CancellationToken cancellationToken) => Task.FromResult(_entries.TryRemove((group, name), out _));
}
