using System.Globalization;

namespace WhiteCross.Sidecar.PubSub;

/// <summary>One stream of the embedded broker. Its caller holds a lock.</summary>
internal sealed class MemoryStreamOfEntries(string topic)
{
    private readonly List<(DateTimeOffset Time, StreamEntry Entry)> _entries = [];
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private long _trimmed;
    private long _lastMilliseconds;
    private long _sequence;

    public int Count => _entries.Count;

    public void Append(DateTimeOffset now, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata)
    {
        // Ids only grow, also when the clock does not.
        var milliseconds = Math.Max(now.ToUnixTimeMilliseconds(), _lastMilliseconds);
        _sequence = milliseconds == _lastMilliseconds ? _sequence + 1 : 0;
        _lastMilliseconds = milliseconds;
        var id = string.Create(CultureInfo.InvariantCulture, $"{milliseconds}-{_sequence}");
        _entries.Add((DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), new StreamEntry(topic, id, data, metadata)));
    }

    public void EnsureGroup(string group) => _groups.TryAdd(group, new Group { Next = _trimmed });

    public void Read(string group, int count, DateTimeOffset now, List<StreamEntry> into)
    {
        EnsureGroup(group);
        var state = _groups[group];
        for (var i = 0; i < count && state.Next - _trimmed < _entries.Count; i++, state.Next++)
        {
            var entry = _entries[(int)(state.Next - _trimmed)].Entry;
            state.Pending[state.Next] = new Delivery(now, IsFirst: true);
            state.Positions[entry.Id] = state.Next;
            into.Add(entry);
        }
    }

    public IReadOnlyList<StreamEntry> Claim(string group, TimeSpan minimumIdle, int count, DateTimeOffset now)
    {
        if (!_groups.TryGetValue(group, out var state))
        {
            return [];
        }

        long[] idle = [.. state.Pending.Where(pending => now - pending.Value.At >= minimumIdle).Select(pending => pending.Key).Take(count)];
        foreach (var position in idle)
        {
            state.Pending[position] = new Delivery(now, IsFirst: false);
        }

        return [.. idle.Select(position => _entries[(int)(position - _trimmed)].Entry)];
    }

    public void Acknowledge(string group, string id)
    {
        if (_groups.TryGetValue(group, out var state) && state.Positions.Remove(id, out var position))
        {
            state.Pending.Remove(position);
        }
    }

    public int PendingCount(string group) => _groups.TryGetValue(group, out var state) ? state.Pending.Count : 0;

    public DateTimeOffset? LowWaterMark(string group, DateTimeOffset deliveredSince)
    {
        var position = _groups.TryGetValue(group, out var state) ? state.OldestSince(deliveredSince) : _trimmed;
        return position - _trimmed < _entries.Count ? _entries[(int)(position - _trimmed)].Time : null;
    }

    public int Trim()
    {
        if (_groups.Count == 0)
        {
            return 0;
        }

        var count = (int)(_groups.Values.Min(group => group.Oldest) - _trimmed);
        _entries.RemoveRange(0, count);
        _trimmed += count;
        return count;
    }

    private readonly record struct Delivery(DateTimeOffset At, bool IsFirst);

    private sealed class Group
    {
        public long Next { get; set; }

        /// <summary>The last delivery of each pending entry, by its position.</summary>
        public SortedDictionary<long, Delivery> Pending { get; } = [];

        public Dictionary<string, long> Positions { get; } = new(StringComparer.Ordinal);

        /// <summary>The position of the oldest entry that is pending or unread.</summary>
        public long Oldest => Pending.Count > 0 ? Pending.First().Key : Next;

        /// <summary>The same, but for entries that are pending since before then, or were delivered again.</summary>
        public long OldestSince(DateTimeOffset time) =>
            Pending.Where(pending => pending.Value.IsFirst && pending.Value.At >= time).Select(pending => pending.Key).FirstOrDefault(Next);
    }
}
