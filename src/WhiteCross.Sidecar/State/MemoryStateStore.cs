using System.Globalization;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.State;

/// <summary>What is stored, in memory; several state stores, of several sidecars of a process, may share it, as they would share a Redis.</summary>
/// <param name="time">The clock of expiry.</param>
public sealed class MemoryState(TimeProvider time)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    internal Lock Lock { get; } = new();

    internal TimeProvider Time => time;

    /// <summary>How many values there are.</summary>
    public int Count
    {
        get
        {
            lock (Lock)
            {
                foreach (var key in _entries.Where(pair => IsOver(pair.Value)).Select(pair => pair.Key).ToArray())
                {
                    _entries.Remove(key);
                }

                return _entries.Count;
            }
        }
    }

    internal Entry? Find(string key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return null;
        }

        if (!IsOver(entry))
        {
            return entry;
        }

        _entries.Remove(key);
        return null;
    }

    internal void Put(string key, Entry entry) => _entries[key] = entry;

    internal void Remove(string key) => _entries.Remove(key);

    private bool IsOver(Entry entry) => entry.ExpiresAt is { } expiresAt && expiresAt <= time.GetUtcNow();

    internal sealed record Entry(ReadOnlyMemory<byte> Data, long Version, bool FirstWrite, DateTimeOffset? ExpiresAt);
}

/// <summary>state.redis without a Redis: the same rules over memory.</summary>
/// <param name="state">What is stored.</param>
/// <param name="defaultTtlInSeconds">The time to live of writes that set none; null: for ever.</param>
public sealed class MemoryStateStore(MemoryState state, int? defaultTtlInSeconds = null) : IStateStore
{
    /// <summary>The state store of a component.</summary>
    /// <param name="component">A component of the type state.redis.</param>
    /// <param name="state">What is stored.</param>
    public static MemoryStateStore Of(ComponentResource component, MemoryState state)
    {
        ArgumentNullException.ThrowIfNull(component);
        return new MemoryStateStore(state, StateTtl.DefaultOf(component));
    }

    /// <inheritdoc/>
    public ValueTask<StateEntry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            return ValueTask.FromResult(state.Find(key) is { } entry
                ? new StateEntry(entry.Data, entry.Version.ToString(CultureInfo.InvariantCulture), entry.ExpiresAt)
                : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(StateWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        var version = StateETag.Read(write, write.Concurrency);
        lock (state.Lock)
        {
            if (!TrySet(write, version, write.Concurrency == StateConcurrency.FirstWrite))
            {
                throw StateETag.Refused(write, version != StateETag.None);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StateDelete delete, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delete);
        var version = StateETag.Read(delete, delete.Concurrency);
        lock (state.Lock)
        {
            if (!TryDelete(delete, version))
            {
                throw StateETag.Refused(delete, hasETag: true);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operations);
        long[] versions = [.. operations.Select(operation => StateETag.Read(operation, StateConcurrency.Unspecified))];
        StateOperation? refused = null;
        lock (state.Lock)
        {
            foreach (var (operation, version) in operations.Zip(versions))
            {
                var done = operation switch
                {
                    StateWrite write => TrySet(write, version, firstWrite: false),
                    StateDelete delete => TryDelete(delete, version),
                    _ => throw new ArgumentException($"{operation.GetType().Name} is neither a write nor a delete.", nameof(operations)),
                };
                refused ??= done ? null : operation;
            }
        }

        return refused is null
            ? ValueTask.CompletedTask
            : throw new StateStoreException(StateStoreFailure.Failed, $"the transaction failed at the key '{refused.Key}'; other operations of it have happened");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private bool TrySet(StateWrite write, long version, bool firstWrite)
    {
        var entry = state.Find(write.Key);
        if (entry is not null && entry.Version != version && (entry.FirstWrite || version != StateETag.None))
        {
            return false;
        }

        var expiresAt = (write.TtlInSeconds ?? defaultTtlInSeconds) switch
        {
            null => entry?.ExpiresAt,
            <= 0 => null,
            { } seconds => state.Time.GetUtcNow().AddSeconds(seconds),
        };
        state.Put(write.Key, new MemoryState.Entry(
            write.Data.ToArray(), (entry?.Version ?? 0) + 1, firstWrite || (entry?.FirstWrite ?? false), expiresAt));
        return true;
    }

    private bool TryDelete(StateDelete delete, long version)
    {
        if (state.Find(delete.Key) is { } entry && version != StateETag.None && entry.Version != version)
        {
            return false;
        }

        state.Remove(delete.Key);
        return true;
    }
}
