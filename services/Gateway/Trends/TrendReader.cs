using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Puts together what a chart shows: what was seen of a queue, and what ended in it.</summary>
internal sealed class TrendReader(ITrendStore trends, IJobReader jobs, TimeProvider time)
{
    private static readonly Dictionary<string, TrendSpan> Spans = new(StringComparer.Ordinal)
    {
        ["1h"] = new(TrendRing.Minutes, 60, 60),
        ["6h"] = new(TrendRing.Minutes, 300, 72),
        ["24h"] = new(TrendRing.Week, 600, 144),
        ["7d"] = new(TrendRing.Week, 3600, 168),
    };

    public static string Default => "1h";

    public static string Rule => $"must be one of {string.Join(", ", Spans.Keys)}.";

    public static bool Knows(string span) => Spans.ContainsKey(span);

    public async Task<QueueTrend> ReadAsync(string queue, string name, CancellationToken cancellationToken)
    {
        var span = Spans[name];
        var buckets = (await trends.ReadAsync(queue, span.Ring, cancellationToken)).ToLookup(bucket => bucket.Start / span.StepSeconds);
        var newest = time.GetUtcNow().ToUnixTimeSeconds() / span.StepSeconds;
        var steps = Enumerable.Range(0, span.Count).Select(i => newest - span.Count + 1 + i).Select(step => Seen(step * span.StepSeconds, [.. buckets[step]]));
        if (span.Minutes > JobStoreRules.KeepMinutesFor.TotalMinutes)
        {
            return new QueueTrend(queue, name, span.StepSeconds, [.. steps]);
        }

        // Of a day the job store itself knows what ended, also from before a gateway looked.
        var history = (await jobs.GetHistoryAsync([queue], span.Minutes, cancellationToken))[0];
        var minutes = history.Minutes.ToLookup(minute => minute.Minute.ToUnixTimeSeconds() / span.StepSeconds);
        return new QueueTrend(queue, name, span.StepSeconds, [.. steps.Select(step => WithEnds(step, [.. minutes[step.At.ToUnixTimeSeconds() / span.StepSeconds]]))]);
    }

    private static QueueTrendStep Seen(long start, IReadOnlyList<TrendBucket> buckets) => new()
    {
        At = DateTimeOffset.FromUnixTimeSeconds(start),
        Waiting = Known(buckets.Select(bucket => bucket.Waiting)).Max(),
        Active = Known(buckets.Select(bucket => bucket.Active)).Max(),
        Delayed = Known(buckets.Select(bucket => bucket.Delayed)).Max(),
        LongestWait = Known(buckets.Select(bucket => bucket.LongestWait)).Max(),
        Completed = SumOf(buckets.Select(bucket => bucket.Completed)),
        Failed = SumOf(buckets.Select(bucket => bucket.Failed)),
        Stalled = SumOf(buckets.Select(bucket => bucket.Stalled)),
        P50 = Known(buckets.Select(bucket => bucket.P50)).Max(),
        P95 = Known(buckets.Select(bucket => bucket.P95)).Max(),
    };

    private static QueueTrendStep WithEnds(QueueTrendStep step, IReadOnlyList<QueueMinute> minutes) => step with
    {
        Completed = minutes.Sum(minute => minute.Completed),
        Failed = minutes.Sum(minute => minute.Failed),
        Stalled = minutes.Sum(minute => minute.Stalled),
        P50 = minutes.Max(minute => minute.P50),
        P95 = minutes.Max(minute => minute.P95),
    };

    private static IEnumerable<long?> Known(IEnumerable<long> numbers) => numbers.Where(number => number >= 0).Select(number => (long?)number);

    private static long? SumOf(IEnumerable<long> numbers) => Known(numbers).ToList() is { Count: > 0 } known ? known.Sum() : null;

    private sealed record TrendSpan(TrendRing Ring, int StepSeconds, int Count)
    {
        public int Minutes => StepSeconds / 60 * Count;
    }
}
