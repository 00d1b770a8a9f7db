using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>What goes on while handlers run: leases are renewed, reports put on record.</summary>
public sealed partial class QueueWorker
{
    // Somebody's wish to cancel a job must reach its handler within 1 s: it comes with the answer to a renewal.
    private static readonly TimeSpan LongestRenewal = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan GatherReports = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<RunningJob> _reports = new();
    private readonly WakeSignal _reportSignal = new();

    internal void QueueReport(RunningJob run)
    {
        _reports.Enqueue(run);
        _reportSignal.Set();
    }

    private async Task RenewLoopAsync()
    {
        var period = _options.Lease / 5 < LongestRenewal ? _options.Lease / 5 : LongestRenewal;
        using var timer = new PeriodicTimer(period, _time);
        var renewed = _time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(_loops.Token))
            {
                RunningJob[] runs = [.. _runs.Values];
                if (runs.Length == 0)
                {
                    renewed = _time.GetTimestamp();
                    continue;
                }

                try
                {
                    var states = await Store.RenewAsync(Queue, [.. runs.Select(run => run.Run.Key)], _loops.Token);
                    renewed = _time.GetTimestamp();
                    for (var i = 0; i < runs.Length; i++)
                    {
                        Heed(runs[i], states[i]);
                    }
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogRenewFailed(exception, Queue, runs.Length);
                    if (_time.GetElapsedTime(renewed) > _options.Lease)
                    {
                        // Nobody can say any more that these runs hold their jobs: another may run them by now.
                        foreach (var run in runs)
                        {
                            run.Stop(StopCause.LeaseLost);
                        }
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The worker ends.
        }
    }

    private async Task ReportLoopAsync()
    {
        var reports = new List<RunReport>();
        try
        {
            while (await _reportSignal.WaitAsync(_loops.Token))
            {
                // Handlers report much more often than anybody looks: gathering makes one write of many.
                await Task.Delay(GatherReports, _time, _loops.Token);
                reports.Clear();
                var runs = new Dictionary<RunKey, RunningJob>();
                while (_reports.TryDequeue(out var run))
                {
                    if (run.TakeReport() is { } report)
                    {
                        reports.Add(report);
                        runs[run.Run.Key] = run;
                    }
                }

                if (reports.Count > 0)
                {
                    await ReportAsync(reports, runs);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The worker ends.
        }
    }

    private async Task ReportAsync(List<RunReport> reports, Dictionary<RunKey, RunningJob> runs)
    {
        try
        {
            var states = await Store.ReportAsync(Queue, reports, _loops.Token);
            for (var i = 0; i < reports.Count; i++)
            {
                Heed(runs[reports[i].Key], states[i]);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Progress and log lines are a help to people, not part of the work: the next report replaces this one.
            LogReportFailed(exception, Queue, reports.Count);
        }
    }

    private static void Heed(RunningJob run, LeaseState state)
    {
        switch (state)
        {
            case LeaseState.Lost:
                run.Stop(StopCause.LeaseLost);
                break;
            case LeaseState.CancelRequested:
                run.Stop(StopCause.Cancelled);
                break;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: the leases of {Count} runs could not be renewed")]
    private partial void LogRenewFailed(Exception exception, string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: the reports of {Count} runs could not be put on record")]
    private partial void LogReportFailed(Exception exception, string queue, int count);
}
