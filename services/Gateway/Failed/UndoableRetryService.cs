namespace WhiteCross.Gateway;

/// <summary>Runs, within a second, the retries whose time to undo them is over: this gateway's, other ones' and those of one that has died.</summary>
internal sealed partial class UndoableRetryService(UndoableRetries retries, TimeProvider time, ILogger<UndoableRetryService> logger)
    : QueuePeriodicService(TimeSpan.FromSeconds(1), time)
{
    protected override void Failed(string what, Exception exception) => LogFailed(exception, what);

    protected override async Task RunAsync(string queue, CancellationToken cancellationToken)
    {
        if (await retries.RunDueAsync(queue, cancellationToken) is > 0 and var count)
        {
            LogRetried(queue, count);
        }
    }

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} failed jobs wait again, as was asked for")]
    private partial void LogRetried(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: retries that can be undone could not be looked at; they will be again")]
    private partial void LogFailed(Exception exception, string queue);
}
