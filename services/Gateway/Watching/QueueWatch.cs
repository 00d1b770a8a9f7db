namespace WhiteCross.Gateway;

/// <summary>Looks at the queues every few seconds, whoever asks or not, and keeps what is known of them fresh.</summary>
internal sealed partial class QueueWatch(QueueSnapshots snapshots, QueueGauges gauges, HealthWatch health, TrendWatch trends, TimeProvider time, ILogger<QueueWatch> logger)
    : StorePeriodicService(QueueWatch.Period, time)
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // Held so that they live as long as the gateway does.
    private readonly QueueGauges _gauges = gauges;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var snapshot = await snapshots.GetAsync(TimeSpan.Zero, cancellationToken);
        await GuardAsync("trends", cancellation => trends.LookAsync(snapshot, cancellation), cancellationToken);
        await health.LookAsync(snapshot, cancellationToken);
    }

    protected override void Failed(string what, Exception exception) => LogFailed(exception);

    [LoggerMessage(LogLevel.Warning, "The queues could not be looked at; it is tried again in some seconds")]
    private partial void LogFailed(Exception exception);
}
