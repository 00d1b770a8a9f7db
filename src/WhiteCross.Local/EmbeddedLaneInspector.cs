using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;

namespace WhiteCross.Local;

/// <summary>Looks at the lanes in the memory of the sidecars' broker.</summary>
internal sealed class EmbeddedLaneInspector(EmbeddedBroker broker, TimeProvider time) : ILaneInspector
{
    public Task<IReadOnlyDictionary<JobPriority, DateTimeOffset>> GetLowWaterMarksAsync(string queue, CancellationToken cancellationToken)
    {
        // The queue's service is the consumer group: its app id is the queue's name.
        IReadOnlyDictionary<JobPriority, DateTimeOffset> marks = JobLanes.All.ToDictionary(
            lane => lane.Priority, lane => broker.GetLowWaterMark(lane.TopicOf(queue), queue) ?? time.GetUtcNow());
        return Task.FromResult(marks);
    }

    public Task<long> TrimAsync(string topic, CancellationToken cancellationToken) => Task.FromResult<long>(broker.Trim(topic));
}
