using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Judges the queues and posts alerts, apart from the other watching: a receiver that hangs holds up nothing else.</summary>
internal sealed partial class AlertService(
    QueueSnapshots snapshots, AlertJudge judge, AlertPoster poster, IOptions<AlertOptions> options, TimeProvider time, ILogger<AlertService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Webhooks.Count == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(QueueWatch.Period, time);
        try
        {
            do
            {
                await RunAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops; what is not posted yet is in the store.
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await judge.JudgeAsync(await snapshots.GetAsync(QueueWatch.Period / 2, cancellationToken), cancellationToken);
            await poster.PostDueAsync(cancellationToken);
        }
        catch (JobStoreUnavailableException)
        {
            LogStoreAway();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Alerts wait: the job store does not answer")]
    private partial void LogStoreAway();

    [LoggerMessage(LogLevel.Error, "Alerts could not be looked at; it is tried again in some seconds")]
    private partial void LogFailed(Exception exception);
}
