using Microsoft.Extensions.Options;

namespace WhiteCross.Gateway;

/// <summary>Judges the queues and posts alerts, apart from the other watching: a receiver that hangs holds up nothing else.</summary>
internal sealed partial class AlertService(
    QueueSnapshots snapshots, AlertJudge judge, AlertPoster poster, IOptions<AlertOptions> options, TimeProvider time, ILogger<AlertService> logger)
    : StorePeriodicService(QueueWatch.Period, time)
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Webhooks.Count == 0)
        {
            return;
        }

        // What could not be posted is in the store, and goes out with a later round.
        await judge.JudgeAsync(await snapshots.GetAsync(QueueWatch.Period / 2, cancellationToken), cancellationToken);
        await poster.PostDueAsync(cancellationToken);
    }

    protected override void Failed(string what, Exception exception) => LogFailed(exception);

    [LoggerMessage(LogLevel.Error, "Alerts could not be looked at; it is tried again in some seconds")]
    private partial void LogFailed(Exception exception);
}
