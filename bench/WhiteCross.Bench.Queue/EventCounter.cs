using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Bench.Queue;

/// <summary>Counts the events in the streams of the queue's lanes, and the jobs that they name. Reads on from where it was.</summary>
internal sealed class EventCounter(IDatabase lanes)
{
    private const int Page = 1000;

    private readonly Dictionary<string, RedisValue> _read = JobLanes.All.ToDictionary(lane => lane.TopicOf(BenchApp.Queue), _ => (RedisValue)"-");

    public long Entries { get; private set; }

    public long Jobs { get; private set; }

    public long Bytes { get; private set; }

    /// <returns>The jobs that have been announced.</returns>
    public async Task<long> ReadAsync()
    {
        foreach (var topic in _read.Keys)
        {
            StreamEntry[] entries;
            do
            {
                entries = await lanes.StreamRangeAsync(topic, _read[topic], count: Page);
                foreach (var entry in entries)
                {
                    var data = (ReadOnlyMemory<byte>)entry["data"];
                    Entries++;
                    Bytes += data.Length;
                    Jobs += JobsIn(data.Span);
                    _read[topic] = "(" + (string)entry.Id!;
                }
            }
            while (entries.Length == Page);
        }

        return Jobs;
    }

    // Each job that is named has its jobId; an event of many has that of the first besides. Cheaper than to read the JSON while others are measured.
    private static int JobsIn(ReadOnlySpan<byte> data) => Math.Max(1, data.Count("\"jobId\""u8) - (data.IndexOf("\"jobs\":["u8) >= 0 ? 1 : 0));
}
