using StackExchange.Redis;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Keeps schedules on Redis: a hash for each queue, from a schedule's id to its JSON.</summary>
internal sealed class RedisScheduleStore(IDatabase database) : IScheduleStore
{
    private readonly VersionedHash<JobSchedule> _schedules =
        new(database, JobsJsonContext.Default.JobSchedule, schedule => schedule.Version, (schedule, version) => schedule with { Version = version });

    public async Task<IReadOnlyList<JobSchedule>> ListAsync(string queue, CancellationToken cancellationToken) =>
        [.. (await _schedules.ListAsync(Key(queue), cancellationToken)).OrderBy(schedule => schedule.Id, StringComparer.Ordinal)];

    public Task<JobSchedule?> FindAsync(string queue, string id, CancellationToken cancellationToken) => _schedules.FindAsync(Key(queue), id, cancellationToken);

    public Task<bool> ReplaceAsync(JobSchedule? current, JobSchedule next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        return _schedules.ReplaceAsync(Key(next.Queue), next.Id, current, next, cancellationToken);
    }

    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) => _schedules.RemoveAsync(Key(queue), id, cancellationToken);

    private static RedisKey Key(string queue) => $"wc:{{{queue}}}:schedules";
}
