using System.Text.Json;
using Microsoft.Extensions.Options;

namespace WhiteCross.Gateway;

/// <summary>Keeps the audit log as long as the process lives.</summary>
internal sealed class InMemoryAuditLog(AuditChain chain, IOptions<AuditOptions> options, TimeProvider time) : IAuditLog
{
    // More than a process without Redis has any use for.
    private const int Most = 200_000;

    private readonly Lock _lock = new();
    private readonly Queue<(AuditEntry Entry, AuditLink Link)> _entries = new();
    private AuditLink _last = new(0, default, AuditChain.Beginning);

    public Task AddAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var entry in entries)
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(entry, JsonSerializerOptions.Web);
                _last = new AuditLink(_last.Number + 1, json, chain.Next(_last.Chain, _last.Number + 1, json));
                _entries.Enqueue((entry, _last));
            }

            var oldest = time.GetUtcNow() - options.Value.Keep;
            while (_entries.Count > Most || (_entries.TryPeek(out var first) && first.Entry.At < oldest))
            {
                _entries.Dequeue();
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<AuditEntry>>([.. _entries.Reverse().Take(limit).Select(entry => entry.Entry)]);
        }
    }

    public IAsyncEnumerable<AuditLink> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _entries.Select(entry => entry.Link).ToArray().ToAsyncEnumerable();
        }
    }
}
