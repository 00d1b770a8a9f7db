namespace WhiteCross.Sidecar.Workflows.Storage;

/// <summary>Instances in memory: they outlive a sidecar, but not the process.</summary>
public sealed class InMemoryWorkflowStore : IWorkflowStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<StoredInstance?> LoadAsync(string instanceId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_entries.TryGetValue(instanceId, out var entry)
                ? new StoredInstance(entry.Version, entry.State, [.. entry.History], [.. entry.Inbox])
                : null);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<string>>([.. _entries.Keys]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListLiveAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<string>>([.. _entries.Where(e => !e.Value.IsOver).Select(e => e.Key)]);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ApplyAsync(IReadOnlyList<InstanceChange> changes, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (changes.Any(c => (_entries.TryGetValue(c.InstanceId, out var entry) ? entry.Version : 0) != c.ExpectedVersion))
            {
                return Task.FromResult(false);
            }

            foreach (var change in changes)
            {
                Apply(change);
            }

            return Task.FromResult(true);
        }
    }

    private void Apply(InstanceChange change)
    {
        if (change.Deletes)
        {
            _entries.Remove(change.InstanceId);
            return;
        }

        if (!_entries.TryGetValue(change.InstanceId, out var entry))
        {
            _entries.Add(change.InstanceId, entry = new Entry());
        }

        entry.Version = change.ExpectedVersion + 1;
        entry.State = change.State;
        entry.IsOver = change.IsOver;
        if (change.ClearsHistory)
        {
            entry.History.Clear();
        }

        entry.History.AddRange(change.History);
        entry.Inbox.RemoveRange(0, change.ClearsInbox ? entry.Inbox.Count : change.TakesFromInbox);
        entry.Inbox.AddRange(change.Inbox);
    }

    private sealed class Entry
    {
        public long Version { get; set; }

        public byte[] State { get; set; } = [];

        public bool IsOver { get; set; }

        public List<byte[]> History { get; } = [];

        public List<byte[]> Inbox { get; } = [];
    }
}
