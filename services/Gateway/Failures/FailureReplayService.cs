namespace WhiteCross.Gateway;

/// <summary>Carries replays on, so many jobs a second: this gateway's, other ones' and those of one that has died.</summary>
internal sealed partial class FailureReplayService(FailureGroups failures, TimeProvider time, ILogger<FailureReplayService> logger)
    : QueuePeriodicService(TimeSpan.FromSeconds(1), time)
{
    protected override void Failed(string what, Exception exception) => LogFailed(exception, what);

    protected override async Task RunAsync(string queue, CancellationToken cancellationToken)
    {
        if (await failures.RunDueAsync(queue, cancellationToken) is > 0 and var count)
        {
            LogReplayed(queue, count);
        }
    }

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} failed jobs of a cause wait again, as was asked for")]
    private partial void LogReplayed(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: replays of failed jobs cannot be carried on now; it is tried again each second")]
    private partial void LogFailed(Exception exception, string queue);
}
