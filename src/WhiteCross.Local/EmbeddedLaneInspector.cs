using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;

namespace WhiteCross.Local;

/// <summary>Looks at the lanes in the memory of the sidecars' broker.</summary>
internal sealed class EmbeddedLaneInspector(EmbeddedBroker broker, TimeProvider time) : ILaneInspector
{
    public Task<IReadOnlyDictionary<JobPriority, TimeSpan>> GetOldestEventsAsync(string queue, CancellationToken cancellationToken)
    {
        // The queue's service is the consumer group: its app id is the queue's name.
        var now = time.GetUtcNow();
        IReadOnlyDictionary<JobPriority, TimeSpan> ages = JobLanes.All
            .Select(lane => (lane.Priority, Age: now - (broker.GetLowWaterMark(lane.TopicOf(queue), queue, ILaneInspector.TakenAfter) ?? now)))
            .Where(lane => lane.Age >= TimeSpan.Zero) // An event of a time to come: the clock has been set back, and its age cannot be told.
            .ToDictionary(lane => lane.Priority, lane => lane.Age);
        return Task.FromResult(ages);
    }

    public Task<long> TrimAsync(string topic, CancellationToken cancellationToken) => Task.FromResult<long>(broker.Trim(topic));
}
