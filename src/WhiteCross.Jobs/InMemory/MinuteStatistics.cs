using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>What happened in each minute of the last day.</summary>
internal sealed class MinuteStatistics
{
    private readonly SortedDictionary<long, Minute> _minutes = [];

    public void Completed(DateTimeOffset now, TimeSpan duration) => Add(now, minute => minute with { Completed = minute.Completed + 1 }, duration);

    public void Failed(DateTimeOffset now, TimeSpan? duration) => Add(now, minute => minute with { Failed = minute.Failed + 1 }, duration);

    public void Retried(DateTimeOffset now, TimeSpan duration) => Add(now, minute => minute, duration);

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

    public void Trim(DateTimeOffset now)
    {
        var oldest = MinuteOf(now) - (long)JobStoreRules.KeepMinutesFor.TotalMinutes;
        foreach (var minute in _minutes.Keys.TakeWhile(minute => minute <= oldest).ToList())
        {
            _minutes.Remove(minute);
        }
    }

    private static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    private void Add(DateTimeOffset now, Func<Minute, Minute> change, TimeSpan? duration)
    {
        var key = MinuteOf(now);
        var minute = change(_minutes.GetValueOrDefault(key));
        _minutes[key] = duration is { } time
            ? minute with { Attempts = minute.Attempts + 1, Milliseconds = minute.Milliseconds + (long)time.TotalMilliseconds }
            : minute;
    }

    private readonly record struct Minute(long Completed, long Failed, long Attempts, long Milliseconds);
}
