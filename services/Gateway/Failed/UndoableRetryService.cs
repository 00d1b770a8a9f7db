using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Runs, within a second, the retries whose time to undo them is over: this gateway's, other ones' and those of one that has died.</summary>
internal sealed partial class UndoableRetryService(UndoableRetries retries, TimeProvider time, ILogger<UndoableRetryService> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            do
            {
                foreach (var queue in JobQueues.All)
                {
                    await RunDueAsync(queue.Name, stoppingToken);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops; what it leaves in the middle, the next look of any gateway goes on with.
        }
    }

    private async Task RunDueAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            if (await retries.RunDueAsync(queue, cancellationToken) is > 0 and var count)
            {
                LogRetried(queue, count);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception, queue);
        }
    }

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} failed jobs wait again, as was asked for")]
    private partial void LogRetried(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: retries that can be undone could not be looked at; they will be again")]
    private partial void LogFailed(Exception exception, string queue);
}
