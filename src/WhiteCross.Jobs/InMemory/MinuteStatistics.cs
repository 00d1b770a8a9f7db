using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>What happened in each minute of the last day.</summary>
internal sealed class MinuteStatistics
{
    private readonly SortedDictionary<long, MinuteCounts> _minutes = [];

    public void Added(DateTimeOffset now) => At(now).Added++;

    public void Completed(DateTimeOffset now, TimeSpan duration)
    {
        At(now).Completed++;
        At(now).AddAttempt(duration);
    }

    public void Failed(DateTimeOffset now, TimeSpan? duration)
    {
        At(now).Failed++;
        if (duration is { } time)
        {
            At(now).AddAttempt(time);
        }
    }

    public void Retried(DateTimeOffset now, TimeSpan duration) => At(now).AddAttempt(duration);

    public void Stalled(DateTimeOffset now) => At(now).Stalled++;

    /// <summary>The mean duration of attempts in milliseconds, and the share of failed jobs, both within the metrics' window.</summary>
    public (double AverageMilliseconds, double FailureRate) Window(DateTimeOffset now)
    {
        var to = MinuteOf(now);
        var from = to - (long)JobStoreRules.MetricsWindow.TotalMinutes + 1;
        var window = _minutes.Where(entry => entry.Key >= from && entry.Key <= to).Select(entry => entry.Value).ToList();
        var attempts = window.Sum(minute => minute.Attempts);
        var ended = window.Sum(minute => minute.Completed + minute.Failed);
        return (
            attempts == 0 ? 0 : window.Sum(minute => minute.Milliseconds) / (double)attempts,
            ended == 0 ? 0 : window.Sum(minute => minute.Failed) / (double)ended);
    }

    public QueueHistory History(string queue, DateTimeOffset now, int minutes)
    {
        var newest = MinuteOf(now);
        return MinuteCounts.ToHistory(queue, newest, [.. Enumerable.Range(0, minutes).Select(back => _minutes.GetValueOrDefault(newest - back) ?? new MinuteCounts())]);
    }

    public void Trim(DateTimeOffset now)
    {
        var oldest = MinuteOf(now) - (long)JobStoreRules.KeepMinutesFor.TotalMinutes;
        foreach (var minute in _minutes.Keys.TakeWhile(minute => minute <= oldest).ToList())
        {
            _minutes.Remove(minute);
        }
    }

    private static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    private MinuteCounts At(DateTimeOffset now)
    {
        var key = MinuteOf(now);
        if (!_minutes.TryGetValue(key, out var counts))
        {
            counts = new MinuteCounts();
            _minutes.Add(key, counts);
        }

        return counts;
    }
}
