using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// Sees how far the events of a queue's lanes have been taken, in the streams of Dapr's <c>pubsub.redis</c>: a topic is a stream of that name, its
/// entries' ids begin with their time, and an app's consumer group bears the app's id, which is the queue's name.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="database">The number of the database that the pub/sub components use.</param>
public sealed class RedisLaneInspector(IConnectionMultiplexer redis, int database) : ILaneInspector
{
    // Entries that one call of the script removes at most: some milliseconds of Redis' time.
    private const int TrimSlice = 10_000;

    private readonly IDatabase _database = redis.GetDatabase(database);

    /// <summary>After which time an entry that was read counts as taken.</summary>
    internal TimeSpan TakenAfter { get; init; } = ILaneInspector.TakenAfter;

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<JobPriority, TimeSpan>> GetOldestEventsAsync(string queue, CancellationToken cancellationToken)
    {
        var ages = await Task.WhenAll(JobLanes.All.Select(lane =>
            RedisGuard.RunAsync(_database, QueueScript.LaneMarks, [lane.TopicOf(queue)], [queue, (long)TakenAfter.TotalMilliseconds], cancellationToken)));
        return JobLanes.All.Select((lane, i) => (lane.Priority, Age: (long)ages[i])).Where(lane => lane.Age >= 0)
            .ToDictionary(lane => lane.Priority, lane => TimeSpan.FromMilliseconds(lane.Age));
    }

    /// <inheritdoc/>
    /// <remarks>A stream without a group is left alone: nobody can tell what has been taken. A group whose app is gone for good holds its stream back.</remarks>
    public async Task<long> TrimAsync(string topic, CancellationToken cancellationToken)
    {
        var removed = 0L;
        long[] answer;
        do
        {
            answer = (long[])(await RedisGuard.RunAsync(_database, QueueScript.LaneTrim, [topic], [TrimSlice], cancellationToken))!;
            removed += answer[0];
        }
        while (answer[1] == 0);
        return removed;
    }
}
