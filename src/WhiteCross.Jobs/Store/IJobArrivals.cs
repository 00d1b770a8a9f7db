using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>
/// Jobs that events have brought to a process, until they begin there. They are on record, and held for that process: nobody gets them handed out for
/// another event while it says in time that it lives. When it dies, the holds run out, and <see cref="IJobOutbox.TakeDueAsync"/> hands the jobs out.
/// </summary>
public interface IJobArrivals
{
    /// <summary>
    /// Puts jobs on record that an event described, where they are not, and holds those that wait for the queue's
    /// <see cref="QueueOptions.Lease"/>.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<JobArrival>> ReceiveAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken);

    /// <summary>Holds waiting jobs for the queue's <see cref="QueueOptions.Lease"/> from now on; said again in time, they stay held.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs' ids.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Of each whether it is held; not so one that does not wait (any more).</returns>
    Task<IReadOnlyList<bool>> HoldAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken);
}

/// <summary>What the record says of a job that an event described.</summary>
/// <param name="IsNew">Whether it is on record by this call.</param>
/// <param name="State">Its state; null when only its tombstone is left.</param>
public readonly record struct JobArrival(bool IsNew, JobState? State);
