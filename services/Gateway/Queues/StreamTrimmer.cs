using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Removes from the streams, every minute, what every consumer group has acknowledged: by knowledge, never by length.</summary>
internal sealed partial class StreamTrimmer(ILaneInspector lanes, TimeProvider time, ILogger<StreamTrimmer> logger)
    : StorePeriodicService(TimeSpan.FromMinutes(1), time)
{
    protected override bool WaitsFirst => true;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var topic in JobQueues.All.SelectMany(queue => JobLanes.All.Select(lane => lane.TopicOf(queue.Name)).Append(queue.DeadLetterTopic)))
        {
            // Each by itself: a stream that grows fills the memory of all.
            await GuardAsync(topic, token => lanes.TrimAsync(topic, token), cancellationToken);
        }
    }

    protected override void Failed(string what, Exception exception) => LogFailed(exception, what);

    [LoggerMessage(LogLevel.Warning, "The stream {Topic} could not be trimmed; it is tried again each minute")]
    private partial void LogFailed(Exception exception, string topic);
}
