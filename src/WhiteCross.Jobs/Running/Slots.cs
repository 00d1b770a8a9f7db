using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>The slots of a queue: each runs a job, then the most urgent one that is ready, until there is none. A slot is given back whatever happens in it.</summary>
internal sealed partial class Slots(WorkerContext context, Gate gate, Attempt attempt, Recorder recorder, RunWatch watch)
{
    private static readonly Lock PoolLock = new();

    /// <summary>Handlers that block their threads must not starve what renews their leases: the pool may have as many threads more at once, if they are needed.</summary>
    /// <param name="slots">How many handlers may run.</param>
    public static void ReserveThreads(int slots)
    {
        lock (PoolLock)
        {
            ThreadPool.GetMinThreads(out var workers, out var completionPorts);
            ThreadPool.SetMinThreads(workers + slots, completionPorts);
        }
    }

    /// <summary>Gives back the threads that were reserved.</summary>
    /// <param name="slots">How many handlers might run.</param>
    public static void ReturnThreads(int slots)
    {
        lock (PoolLock)
        {
            ThreadPool.GetMinThreads(out var workers, out var completionPorts);
            ThreadPool.SetMinThreads(Math.Max(1, workers - slots), completionPorts);
        }
    }

    /// <summary>Takes a run that has begun, and gives it a slot, now or when one clears.</summary>
    /// <param name="run">The run.</param>
    /// <param name="isTooLate">Whether its lease may be over already.</param>
    public void Take(RunningJob run, bool isTooLate)
    {
        context.Runs[run.Run.Key] = run;
        var placement = isTooLate ? Placement.Closed : gate.Place(run);
        if (placement == Placement.Closed)
        {
            recorder.End(run, AttemptRules.GivenBack(run.Run));
            gate.Release(1);
        }
        else if (placement == Placement.Slot)
        {
            _ = Task.Run(() => WorkAsync(run));
        }
    }

    private async Task WorkAsync(RunningJob first)
    {
        for (var run = first; run is not null;)
        {
            try
            {
                await RunAsync(run);
            }
#pragma warning disable CA1031 // An error of ours: the slot goes on with the next job.
            catch (Exception exception)
            {
                LogSlotFailed(context.Logger, exception, context.Queue, run.Run.Key.JobId);
            }
#pragma warning restore CA1031
            finally
            {
                watch.Returned(run);
                run = gate.Next();
            }
        }
    }

    private async Task RunAsync(RunningJob run)
    {
        RunEnd? end = null;
        run.EnterHandler();
        try
        {
            end = await attempt.MakeAsync(run);
        }
#pragma warning disable CA1031 // The run ends, whatever it is.
        catch (Exception exception)
        {
            end = AttemptRules.AfterThrow(run.Facts, exception);
            throw;
        }
#pragma warning restore CA1031
        finally
        {
            gate.NoteDuration(context.Time.GetElapsedTime(run.StartedAt));
            recorder.End(run, end);
            run.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Error, "Queue {Queue}: an error around the attempt of job {JobId}; its slot goes on")]
    private static partial void LogSlotFailed(ILogger logger, Exception exception, string queue, string jobId);
}
