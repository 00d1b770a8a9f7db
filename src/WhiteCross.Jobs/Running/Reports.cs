using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>Puts progress and log lines on record while handlers run, many runs' in one call. What fails is sent again as it was.</summary>
internal sealed partial class Reports(WorkerContext context)
{
    // Tries of a report that the store refuses for another reason than being away.
    private const int MostRefusals = 3;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<RunningJob> _queue = new();
    private readonly WakeSignal _signal = new();
    private readonly LogLimit _limit = new(context.Time);

    /// <summary>Told what a write of a run met.</summary>
    public required Action<RunningJob, LeaseState> Heed { get; init; }

    public void Queue(RunningJob run)
    {
        _queue.Enqueue(run);
        _signal.Set();
    }

    public async Task RunAsync()
    {
        var failures = 0;
        while (await _signal.WaitAsync(context.Stopping))
        {
            // Handlers report much more often than anybody looks: gathering makes one write of many.
            await Task.Delay(failures == 0 ? Gather : StorePause.After(failures), context.Time, context.Stopping);
            var taken = new Dictionary<RunKey, (RunningJob Run, RunReport Report)>();
            while (_queue.TryDequeue(out var run))
            {
                if (run.TakeReport() is { } report)
                {
                    taken[run.Run.Key] = (run, report);
                }
            }

            failures = taken.Count == 0 || await TrySendAsync([.. taken.Values]) ? 0 : failures + 1;
        }
    }

    /// <returns>False when the store is away: the reports come again.</returns>
    private async Task<bool> TrySendAsync((RunningJob Run, RunReport Report)[] taken)
    {
        try
        {
            await SendAsync(taken);
            return true;
        }
        catch (Exception exception) when (!context.Stopping.IsCancellationRequested)
        {
            if (_limit.Allows())
            {
                LogReportFailed(context.Logger, exception, context.Queue, taken.Length);
            }

            if (!StorePause.IsOutage(exception))
            {
                // It may be one that the store cannot take: each goes alone, and harms no other.
                foreach (var one in taken)
                {
                    await SendAloneAsync(one);
                }

                return true;
            }

            foreach (var (run, _) in taken)
            {
                Queue(run);
            }

            return false;
        }
    }

    private async Task SendAloneAsync((RunningJob Run, RunReport Report) one)
    {
        for (var refusals = 1; ; refusals++)
        {
            try
            {
                await SendAsync([one]);
                return;
            }
            catch (Exception exception) when (StorePause.IsOutage(exception) && !context.Stopping.IsCancellationRequested)
            {
                Queue(one.Run);
                return;
            }
            catch (Exception exception) when (!context.Stopping.IsCancellationRequested)
            {
                if (refusals == MostRefusals)
                {
                    // Progress and log lines are a help to people, not part of the work.
                    LogReportRefused(context.Logger, exception, context.Queue, one.Run.Run.Key.JobId);
                    one.Run.SettleReport(one.Report);
                    return;
                }
            }
        }
    }

    private async Task SendAsync((RunningJob Run, RunReport Report)[] taken)
    {
        var states = await context.Store.ReportAsync(context.Queue, [.. taken.Select(one => one.Report)], context.Stopping);
        for (var i = 0; i < taken.Length; i++)
        {
            taken[i].Run.SettleReport(taken[i].Report);
            Heed(taken[i].Run, states[i]);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: the reports of {Count} runs could not be put on record; they are sent again")]
    private static partial void LogReportFailed(ILogger logger, Exception exception, string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: the job store refuses a report of job {JobId}; its progress and log lines are not on record")]
    private static partial void LogReportRefused(ILogger logger, Exception exception, string queue, string jobId);
}
