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
        foreach (var topic in JobQueues.All.SelectMany(queue => JobLanes.All.Select(lane => lane.TopicOf(queue.Name)).Append(queue.DeadLetterTopic)))
        {
            try
            {
                await lanes.TrimAsync(topic, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // Its neighbours are trimmed all the same: a stream that grows fills the memory of all.
                LogFailed(exception, topic);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The stream {Topic} could not be trimmed; it is tried again in a minute")]
    private partial void LogFailed(Exception exception, string topic);
}
