using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.Watching;

namespace WhiteCross.Jobs.Dapr.Hosting;

/// <summary>Says every two seconds that this process works on a queue, and how many of its slots are in use or stuck.</summary>
internal sealed partial class WorkerReporter(QueueWorker worker, int slots, IWorkerRegistry workers, TimeProvider time, ILogger<WorkerReporter> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string _id = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("n")[..4]}";

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(token => workers.LeaveAsync(worker.Queue, _id, token), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await TryAsync(token => workers.ReportAsync(worker.Queue, new WorkerStatus(_id, slots, worker.SlotsInUse) { SlotsStuck = worker.SlotsStuck }, token), stoppingToken);
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
