using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Hosting;

/// <summary>
/// Says every two seconds that this process works on a queue, how many of its slots are in use or stuck, and how long its jobs take; and earlier when its last
/// free slot has been taken or the first one is free again, since others give back what this process could begin, and when it first knows how long its jobs take,
/// since the size of events goes by it.
/// </summary>
internal sealed partial class WorkerReporter(QueueWorker worker, string id, int slots, IWorkerRegistry workers, TimeProvider time, ILogger<WorkerReporter> logger)
    : BackgroundService
{
    private const int LooksForReport = 8;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(token => workers.LeaveAsync(worker.Queue, id, token), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        var (wasFull, wasKnown) = (false, false);
        var looks = 0;
        do
        {
            var inUse = worker.SlotsInUse;
            var average = worker.AverageMilliseconds;
            var (isFull, isKnown) = (inUse >= slots, average is not null);
            if (looks-- == 0 || isFull != wasFull || isKnown != wasKnown)
            {
                looks = LooksForReport - 1;
                (wasFull, wasKnown) = (isFull, isKnown);
                var status = new WorkerStatus(id, slots, inUse) { SlotsStuck = worker.SlotsStuck, AverageMilliseconds = average, TakesManyJobs = true };
                await TryAsync(token => workers.ReportAsync(worker.Queue, status, token), stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TryAsync(Func<CancellationToken, Task> report, CancellationToken cancellationToken)
    {
        try
        {
            await report(cancellationToken);
        }
        catch (Exception exception) when (exception is JobStoreUnavailableException or OperationCanceledException)
        {
            // Whoever keeps the leases says that the store is away; that this process is not seen meanwhile harms nothing.
        }
        catch (Exception exception)
        {
            LogFailed(exception, worker.Queue);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: nobody can be told that this process works on it")]
    private partial void LogFailed(Exception exception, string queue);
}
