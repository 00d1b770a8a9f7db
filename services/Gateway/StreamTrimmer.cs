using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Removes from the streams, every minute, what every consumer group has acknowledged: by knowledge, never by length.</summary>
internal sealed partial class StreamTrimmer(ILaneInspector lanes, TimeProvider time, ILogger<StreamTrimmer> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TrimAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var queue in JobQueues.All)
            {
                foreach (var lane in JobLanes.All)
                {
                    await lanes.TrimAsync(lane.TopicOf(queue.Name), cancellationToken);
                }

                await lanes.TrimAsync(queue.DeadLetterTopic, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The streams could not be trimmed; they are tried again in a minute")]
    private partial void LogFailed(Exception exception);
}
