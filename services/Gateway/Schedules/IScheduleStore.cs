using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Keeps schedules.</summary>
public interface IScheduleStore
{
    /// <summary>The schedules of a queue, by id.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<JobSchedule>> ListAsync(string queue, CancellationToken cancellationToken);

    /// <summary>A schedule; null when there is none of that id.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="id">The schedule's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<JobSchedule?> FindAsync(string queue, string id, CancellationToken cancellationToken);

    /// <summary>Puts a schedule in the place of what was there, unless somebody has changed that meanwhile.</summary>
    /// <param name="current">What was there, as it was read; null for nothing.</param>
    /// <param name="next">What is to be there. Its version is set here.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when something else was there.</returns>
    Task<bool> ReplaceAsync(JobSchedule? current, JobSchedule next, CancellationToken cancellationToken);

    /// <summary>Removes a schedule.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="id">The schedule's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken);
}
