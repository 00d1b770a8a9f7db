namespace WhiteCross.Gateway;

/// <summary>Keeps what operators did as long as the process lives.</summary>
public sealed class InMemoryAuditLog : IAuditLog
{
    private readonly Lock _lock = new();
    private readonly Queue<AuditEntry> _entries = new();

    /// <inheritdoc/>
    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_entries.Contains(entry))
            {
                return Task.CompletedTask;
            }

            _entries.Enqueue(entry);
            if (_entries.Count > IAuditLog.Capacity)
            {
                _entries.Dequeue();
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<AuditEntry>>([.. _entries.Reverse().Take(limit)]);
        }
    }
}
