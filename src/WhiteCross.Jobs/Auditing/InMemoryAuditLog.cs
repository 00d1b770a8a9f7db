namespace WhiteCross.Jobs.Auditing;

/// <summary>Keeps what operators did as long as the process lives.</summary>
public sealed class InMemoryAuditLog : IAuditLog
{
    private readonly Lock _gate = new();
    private readonly Queue<AuditEntry> _entries = new();

    /// <inheritdoc/>
    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
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
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<AuditEntry>>([.. _entries.Reverse().Take(limit)]);
        }
    }
}
