using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>
/// Finds out that the wall clock has been set back: what was planned by the clock before would sleep until the new one has caught up. Small corrections are
/// none, and clocks of several instances need not agree to the minute: a time that is planned anew runs a second time.
/// </summary>
internal sealed class ClockWatch
{
    private static readonly TimeSpan LeastStep = TimeSpan.FromMinutes(1);

    // How far another instance's clock may be ahead without its runs being taken for ones of the future.
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(30);

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _lock = new();
    private DateTimeOffset _zero;
    private DateTimeOffset _before = DateTimeOffset.MinValue;

    public ClockWatch(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _zero = time.GetUtcNow();
    }

    /// <summary>Whether a schedule was planned by a clock that has been set back since.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="now">The time.</param>
    public bool IsSetBack(JobSchedule schedule, DateTimeOffset now)
    {
        var before = StepFrom(now);

        // Never more than one span ahead, whatever happened.
        if (schedule.Every is { } every)
        {
            return schedule.NextRunAt - now > TimeSpan.FromMilliseconds(every);
        }

        var latest = schedule.LastRunAt > schedule.CreatedAt ? schedule.LastRunAt.Value : schedule.CreatedAt;
        return latest - now > MostSkew || (latest > now && latest <= before);
    }

    // The latest time that this process' clock had shown before it was set back.
    private DateTimeOffset StepFrom(DateTimeOffset now)
    {
        lock (_lock)
        {
            var expected = _zero + _time.GetElapsedTime(_start);
            if (expected - now >= LeastStep)
            {
                _before = expected;
            }

            if ((expected - now).Duration() >= LeastStep)
            {
                _zero += now - expected;
            }

            return _before;
        }
    }
}
