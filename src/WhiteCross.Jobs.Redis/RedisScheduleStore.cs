using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Schedules;

namespace WhiteCross.Jobs.Redis;

/// <summary>Keeps schedules on Redis: a hash for each queue, from a schedule's id to its JSON.</summary>
public sealed class RedisScheduleStore : IScheduleStore
{
    private readonly VersionedHash<JobSchedule> _schedules;

    /// <summary>Creates the store.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="database">The number of the database.</param>
    public RedisScheduleStore(IConnectionMultiplexer redis, int database)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _schedules = new(
            redis.GetDatabase(database), JobsJsonContext.Default.JobSchedule, schedule => schedule.Version, (schedule, version) => schedule with { Version = version });
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobSchedule>> ListAsync(string queue, CancellationToken cancellationToken) =>
        [.. (await _schedules.ListAsync(Key(queue), cancellationToken)).OrderBy(schedule => schedule.Id, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Task<JobSchedule?> FindAsync(string queue, string id, CancellationToken cancellationToken) => _schedules.FindAsync(Key(queue), id, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(JobSchedule? current, JobSchedule next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        return _schedules.ReplaceAsync(Key(next.Queue), next.Id, current, next, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) => _schedules.RemoveAsync(Key(queue), id, cancellationToken);

    private static RedisKey Key(string queue) => $"wc:{{{queue}}}:schedules";
}
