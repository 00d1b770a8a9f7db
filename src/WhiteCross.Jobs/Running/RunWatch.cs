using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// Looks at the runs by this process' own clock, and asks nobody: stops those whose lease may be over before anybody else may begin their job, gives up on
/// handlers that do not stop, and gives back what waits for a slot that does not clear.
/// </summary>
internal sealed partial class RunWatch(WorkerContext context, Gate gate, Recorder recorder)
{
    /// <summary>How long a handler may take to stop once its token has fired.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan SlotPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromMilliseconds(250);

    private int _stuck;

    /// <summary>Handlers that go on although their runs were given up; each keeps its slot until it returns.</summary>
    public int Stuck => Volatile.Read(ref _stuck);

    public async Task RunAsync()
    {
        var period = context.Options.Lease / 20;
        using var timer = new PeriodicTimer(period < LongestPeriod ? period : LongestPeriod, context.Time);
        while (await timer.WaitForNextTickAsync(context.Stopping))
        {
            foreach (var run in context.Runs.Values)
            {
                Look(run);
            }

            foreach (var run in gate.TakeOverdue(SlotPatience))
            {
                recorder.End(run, AttemptRules.GivenBack(run.Run));
                gate.Release(1);
            }
        }
    }

    /// <summary>A handler that was given up on has returned, and its slot is free.</summary>
    public void Returned(RunningJob run)
    {
        if (run.IsStuck)
        {
            Interlocked.Decrement(ref _stuck);
            LogReturned(context.Logger, context.Queue, run.Run.Key.JobId, context.Time.GetElapsedTime(run.StartedAt).TotalSeconds);
        }
    }

    private void Look(RunningJob run)
    {
        if (run.LeaseAge >= context.SafeLease)
        {
            run.Stop(StopCause.LeaseOver);
        }

        // At a shutdown the process ends anyway, and its leases with it. Whoever waits for the store's word on a step is not stuck.
        var cause = run.StopCause;
        if (cause is StopCause.None or StopCause.Shutdown || !run.IsInHandler || run.WaitsForStore() || context.Time.GetElapsedTime(run.StoppedAt) < Grace)
        {
            return;
        }

        if (recorder.End(run, run.Decided ?? AttemptRules.AfterStuck(run.Facts), isStuck: true))
        {
            Interlocked.Increment(ref _stuck);
            LogStuck(context.Logger, context.Queue, run.Run.Key.JobId, run.Run.Type, cause, Grace.TotalSeconds);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: the handler of job {JobId} ({JobType}) was stopped ({Cause}) and has not returned within {Grace} s; its attempt is ended, and its slot stays taken until it returns")]
    private static partial void LogStuck(ILogger logger, string queue, string jobId, string jobType, StopCause cause, double grace);

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: the handler of job {JobId} that was stuck has returned after {Seconds:0} s")]
    private static partial void LogReturned(ILogger logger, string queue, string jobId, double seconds);
}
