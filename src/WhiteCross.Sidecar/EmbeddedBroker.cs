using System.Collections.Concurrent;
using WhiteCross.Sidecar.PubSub;
using WhiteCross.Sidecar.State;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar;

/// <summary>
/// Streams in the memory of this process, with the semantics of Redis Streams: consumer groups, pending entries, claims. Shared by the sidecars that
/// are started with it. Ends with the process.
/// </summary>
/// <param name="time">The clock: entry ids are times.</param>
public sealed class EmbeddedBroker(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, InMemoryWorkflowStore> _workflows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemoryStreamOfEntries> _streams = new(StringComparer.Ordinal);
    private TaskCompletionSource _appended = NewSignal();

    /// <summary>The state of all embedded state stores.</summary>
    internal MemoryState State { get; } = new(time);

    /// <summary>The workflows of an app: a sidecar that starts again finds them.</summary>
    internal InMemoryWorkflowStore WorkflowsOf(string appId) => _workflows.GetOrAdd(appId, static _ => new InMemoryWorkflowStore());

    /// <summary>The time of the oldest entry that a group has not read, or has read once, of late, and not acknowledged.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="group">The group.</param>
    /// <param name="takenAfter">Entries that were read longer ago do not count.</param>
    /// <returns>Null when there is none.</returns>
    public DateTimeOffset? GetLowWaterMark(string topic, string group, TimeSpan takenAfter)
    {
        var since = time.GetUtcNow() - takenAfter;
        lock (_lock)
        {
            return _streams.TryGetValue(topic, out var stream) ? stream.LowWaterMark(group, since) : null;
        }
    }

    /// <summary>Removes the entries that every group has acknowledged. A stream without groups is left alone.</summary>
    /// <param name="topic">The topic.</param>
    /// <returns>How many were removed.</returns>
    public int Trim(string topic)
    {
        lock (_lock)
        {
            return _streams.TryGetValue(topic, out var stream) ? stream.Trim() : 0;
        }
    }

    /// <summary>How many entries a topic's stream holds.</summary>
    /// <param name="topic">The topic.</param>
    public int Length(string topic)
    {
        lock (_lock)
        {
            return _streams.TryGetValue(topic, out var stream) ? stream.Count : 0;
        }
    }

    /// <summary>How many entries a group has read and not acknowledged.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="group">The group.</param>
    public int PendingCount(string topic, string group)
    {
        lock (_lock)
        {
            return _streams.TryGetValue(topic, out var stream) ? stream.PendingCount(group) : 0;
        }
    }

    internal void Append(string topic, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata)
    {
        TaskCompletionSource appended;
        lock (_lock)
        {
            StreamOf(topic).Append(time.GetUtcNow(), data, metadata);
            appended = _appended;
            _appended = NewSignal();
        }

        appended.TrySetResult();
    }

    internal void EnsureGroup(string topic, string group)
    {
        lock (_lock)
        {
            StreamOf(topic).EnsureGroup(group);
        }
    }

    internal async Task<IReadOnlyList<StreamEntry>> ReadAsync(IReadOnlyList<string> topics, string group, int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task appended;
            lock (_lock)
            {
                var entries = new List<StreamEntry>();
                foreach (var topic in topics)
                {
                    StreamOf(topic).Read(group, count, time.GetUtcNow(), entries);
                }

                if (entries.Count > 0)
                {
                    return entries;
                }

                appended = _appended.Task;
            }

            await appended.WaitAsync(cancellationToken);
        }
    }

    internal IReadOnlyList<StreamEntry> Claim(string topic, string group, TimeSpan minimumIdle, int count)
    {
        lock (_lock)
        {
            return StreamOf(topic).Claim(group, minimumIdle, count, time.GetUtcNow());
        }
    }

    internal void Acknowledge(string topic, string group, string id)
    {
        lock (_lock)
        {
            StreamOf(topic).Acknowledge(group, id);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MemoryStreamOfEntries StreamOf(string topic)
    {
        if (!_streams.TryGetValue(topic, out var stream))
        {
            _streams.Add(topic, stream = new MemoryStreamOfEntries(topic));
        }

        return stream;
    }
}
