namespace WhiteCross.Jobs.Running;

/// <summary>The timeouts of the handlers that run, all on one timer: a job that ends in time, as nearly all do, costs none.</summary>
internal sealed class RunTimeouts : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<RunningJob, TimeSpan> _ends = [];
    private readonly TimeProvider _time;
    private readonly long _epoch;
    private readonly ITimer _timer;
    private TimeSpan _rings = TimeSpan.MaxValue;

    public RunTimeouts(TimeProvider time)
    {
        (_time, _epoch) = (time, time.GetTimestamp());
        _timer = time.CreateTimer(static timeouts => ((RunTimeouts)timeouts!).StopOverdue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Elapsed => _time.GetElapsedTime(_epoch);

    /// <summary>From now on the run has its job's time.</summary>
    public void Add(RunningJob run)
    {
        lock (_lock)
        {
            var now = Elapsed;
            var end = now + run.Run.Timeout;
            _ends.Add(run, end);
            if (end < _rings)
            {
                Ring(now, end);
            }
        }
    }

    /// <summary>The run has ended.</summary>
    public void Remove(RunningJob run)
    {
        lock (_lock)
        {
            // The timer is left as it is: it finds nothing to do, or the run whose turn it is by then.
            _ends.Remove(run);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void StopOverdue()
    {
        List<RunningJob>? overdue = null;
        lock (_lock)
        {
            var (now, next) = (Elapsed, TimeSpan.MaxValue);
            foreach (var (run, end) in _ends)
            {
                if (end <= now)
                {
                    (overdue ??= []).Add(run);
                }
                else if (end < next)
                {
                    next = end;
                }
            }

            overdue?.ForEach(run => _ends.Remove(run));
            Ring(now, next);
        }

        overdue?.ForEach(run => run.Stop(StopCause.Timeout));
    }

    private void Ring(TimeSpan now, TimeSpan at)
    {
        _rings = at;
        if (at == TimeSpan.MaxValue)
        {
            return;
        }

        // Whole milliseconds, rounded up: a timer that rings early would have to be set again.
        var wait = TimeSpan.FromMilliseconds(Math.Ceiling((at - now).TotalMilliseconds));
        _timer.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
    }
}
