using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Carries replays on, so many jobs a second: this gateway's, other ones' and those of one that has died.</summary>
internal sealed partial class FailureReplayService(FailureGroups failures, TimeProvider time, ILogger<FailureReplayService> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        var isAway = false;
        try
        {
            do
            {
                try
                {
                    foreach (var queue in JobQueues.All)
                    {
                        if (await failures.RunDueAsync(queue.Name, stoppingToken) is > 0 and var count)
                        {
                            LogReplayed(queue.Name, count);
                        }
                    }

                    isAway = false;
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // Once, not each second: the next look goes on where this one stopped.
                    if (!isAway)
                    {
                        LogFailed(exception);
                    }

                    isAway = true;
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops; what it leaves in the middle, the next look of any gateway goes on with.
        }
    }

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} failed jobs of a cause wait again, as was asked for")]
    private partial void LogReplayed(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Replays of failed jobs cannot be carried on now; it is tried again each second")]
    private partial void LogFailed(Exception exception);
}
