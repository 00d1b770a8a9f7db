using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Running;

/// <summary>Doubles and drops events on the lanes, behind everybody's back.</summary>
internal static class LaneTampering
{
    /// <summary>Publishes every event that is still on the lanes once more.</summary>
    public static async Task<int> DoubleAsync(IDatabase redis)
    {
        var doubled = 0;
        foreach (var lane in JobLanes.All)
        {
            RedisKey stream = lane.TopicOf(JobQueues.MessageNotification);
            var entries = await redis.StreamRangeAsync(stream, count: 500);
            await Task.WhenAll(entries.Select(entry => redis.StreamAddAsync(stream, entry.Values)));
            doubled += entries.Length;
        }

        return doubled;
    }

    /// <summary>
    /// Deletes the events that no sidecar has read. Those of jobs that are known by their event only stay: as long as no service has seen it, losing
    /// the event is losing the job.
    /// </summary>
    public static async Task<int> DropUnreadAsync(IDatabase redis)
    {
        var dropped = 0;
        foreach (var lane in JobLanes.All)
        {
            RedisKey stream = lane.TopicOf(JobQueues.MessageNotification);
            if (!await redis.KeyExistsAsync(stream))
            {
                continue;
            }

            foreach (var group in await redis.StreamGroupInfoAsync(stream))
            {
                var unread = await redis.StreamRangeAsync(stream, minId: $"({group.LastDeliveredId}");
                RedisValue[] ids = [.. unread.Where(entry => !entry.Values.Any(value => value.Value.ToString().Contains(JobSource.ByEventOnly, StringComparison.Ordinal))).Select(entry => entry.Id)];
                dropped += ids.Length == 0 ? 0 : (int)await redis.StreamDeleteAsync(stream, ids);
            }
        }

        return dropped;
    }
}
