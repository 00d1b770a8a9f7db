using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>What happened to a queue's jobs within one minute, as job stores keep it.</summary>
public sealed class MinuteCounts
{
    private const int BeforeDurations = 6;

    private readonly long[] _durations = new long[DurationBuckets.Count];

    /// <summary>Jobs that were added.</summary>
    public long Added { get; set; }

    /// <summary>Jobs that completed.</summary>
    public long Completed { get; set; }

    /// <summary>Jobs that failed for good.</summary>
    public long Failed { get; set; }

    /// <summary>Attempts whose lease ran out.</summary>
    public long Stalled { get; set; }

    /// <summary>Attempts that ended otherwise.</summary>
    public long Attempts { get; private set; }

    /// <summary>How long those took together.</summary>
    public long Milliseconds { get; private set; }

    /// <summary>Counts an attempt that ended.</summary>
    /// <param name="duration">How long it took.</param>
    public void AddAttempt(TimeSpan duration)
    {
        var milliseconds = (long)duration.TotalMilliseconds;
        Attempts++;
        Milliseconds += milliseconds;
        _durations[DurationBuckets.IndexOf(milliseconds)]++;
    }

    /// <summary>Reads them as the Redis store writes them; what an older version did not write is 0.</summary>
    /// <param name="numbers">Completed, failed, attempts, milliseconds, added, stalled, attempts by duration.</param>
    public static MinuteCounts FromNumbers(IReadOnlyList<long> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);

        long At(int index) => index < numbers.Count ? numbers[index] : 0;
        var counts = new MinuteCounts { Completed = At(0), Failed = At(1), Attempts = At(2), Milliseconds = At(3), Added = At(4), Stalled = At(5) };
        for (var i = 0; i < counts._durations.Length; i++)
        {
            counts._durations[i] = At(BeforeDurations + i);
        }

        return counts;
    }

    /// <summary>Puts minutes together to what is told of a queue.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="newest">The newest minute, counted from the Unix epoch.</param>
    /// <param name="minutes">Each minute, newest first, without gaps.</param>
    public static QueueHistory ToHistory(string queue, long newest, IReadOnlyList<MinuteCounts> minutes)
    {
        ArgumentNullException.ThrowIfNull(minutes);

        var all = Enumerable.Range(0, DurationBuckets.Count).Select(bucket => minutes.Sum(minute => minute._durations[bucket])).ToArray();
        return new QueueHistory(
            queue,
            [.. minutes.Select((minute, i) => minute.ToMinute(DateTimeOffset.FromUnixTimeSeconds((newest - i) * 60))).Reverse()],
            DurationBuckets.Percentile(all, 0.5),
            DurationBuckets.Percentile(all, 0.95));
    }

    private QueueMinute ToMinute(DateTimeOffset time) => new(
        time, Added, Completed, Failed, Stalled, DurationBuckets.Percentile(_durations, 0.5), DurationBuckets.Percentile(_durations, 0.95));
}
