using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Runs, within a second, the retries whose time to undo them is over: this gateway's, other ones' and those of one that has died.</summary>
internal sealed partial class UndoableRetryService(UndoableRetries retries, TimeProvider time, ILogger<UndoableRetryService> logger)
    : StorePeriodicService(TimeSpan.FromSeconds(1), time)
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in JobQueues.All)
        {
            await GuardAsync(queue.Name, token => RunDueAsync(queue.Name, token), cancellationToken);
        }
    }

    protected override void Failed(string what, Exception exception) => LogFailed(exception, what);

    private async Task RunDueAsync(string queue, CancellationToken cancellationToken)
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
