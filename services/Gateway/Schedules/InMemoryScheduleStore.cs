using System.Collections.Concurrent;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Keeps schedules as long as the process lives.</summary>
public sealed class InMemoryScheduleStore : IScheduleStore
{
    private readonly ConcurrentDictionary<(string Queue, string Id), JobSchedule> _schedules = new();

    /// <inheritdoc/>
    public Task<IReadOnlyList<JobSchedule>> ListAsync(string queue, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<JobSchedule>>([.. _schedules.Values.Where(schedule => schedule.Queue == queue).OrderBy(schedule => schedule.Id, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public Task<JobSchedule?> FindAsync(string queue, string id, CancellationToken cancellationToken) =>
        Task.FromResult(_schedules.GetValueOrDefault((queue, id)));

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(JobSchedule? current, JobSchedule next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        var key = (next.Queue, next.Id);
        next = next with { Version = (current?.Version ?? 0) + 1 };
        return Task.FromResult(current is null
            ? _schedules.TryAdd(key, next)
            : _schedules.TryGetValue(key, out var stored) && stored.Version == current.Version && _schedules.TryUpdate(key, next, stored));
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) =>
        Task.FromResult(_schedules.TryRemove((queue, id), out _));
}
