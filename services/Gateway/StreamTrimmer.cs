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
        foreach (var queue in JobQueues.All)
        {
            foreach (var topic in (IEnumerable<string>)[.. JobLanes.All.Select(lane => lane.TopicOf(queue.Name)), queue.DeadLetterTopic])
            {
                try
                {
                    await lanes.TrimAsync(topic, cancellationToken);
                }
#pragma warning disable CA1031 // One topic's trouble must not let the streams of all others grow.
                catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    LogFailed(exception, topic);
                }
#pragma warning restore CA1031
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The stream {Topic} could not be trimmed; it is tried again in a minute")]
    private partial void LogFailed(Exception exception, string topic);
}
