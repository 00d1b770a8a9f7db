namespace WhiteCross.Jobs.Store;

/// <summary>Adds jobs: puts them on record, then publishes their events. What is on record gets its event sooner or later whatever happens in between.</summary>
public interface IJobPublisher
{
    /// <summary>
    /// Adds a job. Adds that run at the same time share their round trips. Returns once the job is on record and never waits for the sidecar: its event
    /// follows, at once or, when the sidecar is away, when it is back.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the waiting; the job may have been added all the same.</param>
    /// <exception cref="JobStoreUnavailableException">The job store is away; whether the job was added is unknown unless the exception says so.</exception>
    ValueTask<AddResult> AddAsync(string queue, NewJob job, CancellationToken cancellationToken);

    /// <summary>Adds many jobs of one queue in one go, and waits for their record only; results come in their order.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="cancellationToken">Ends the waiting; the jobs may have been added all the same.</param>
    /// <exception cref="JobStoreUnavailableException">The job store is away; whether the jobs were added is unknown unless the exception says so.</exception>
    Task<IReadOnlyList<AddResult>> AddBulkAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken);
}
