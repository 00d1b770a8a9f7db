using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>
/// Adds jobs and finds out what became of them. What is added is checked first, by the rules that the queues apply too: an error names each field.
/// Calls can be repeated without harm when the job has an id: the same id again adds no second job.
/// </summary>
public interface IJobsClient
{
    /// <summary>Adds a job.</summary>
    /// <typeparam name="TData">The data of its type, for example <see cref="SendMessageJob"/>.</typeparam>
    /// <param name="data">The data.</param>
    /// <param name="options">What is asked for; null for what its queue does by default.</param>
    /// <param name="jobId">Its id, the idempotency key: 1–128 printable characters without spaces. Null: a new UUID.</param>
    /// <param name="cancellationToken">Ends the waiting; the job may have been added all the same.</param>
    /// <returns>The job's id, and whether it is new.</returns>
    /// <exception cref="JobsValidationException">The data, the options or the id are not valid, or a job of that id was removed before its end.</exception>
    /// <exception cref="JobsUnavailableException">
    /// The queues cannot be reached or cannot take jobs now; try again. Where it is not known whether the job was added, it has been tried again some times
    /// with the same id; the exception has it.
    /// </exception>
    Task<AddedJob> AddAsync<TData>(TData data, JobOptions? options = null, string? jobId = null, CancellationToken cancellationToken = default)
        where TData : class, IJobData;

    /// <summary>Adds many jobs of one type, in requests of up to 1,000.</summary>
    /// <typeparam name="TData">The data of their type.</typeparam>
    /// <param name="jobs">The jobs.</param>
    /// <param name="cancellationToken">Ends the waiting; some jobs may have been added all the same.</param>
    /// <returns>The jobs' ids, in their order.</returns>
    /// <exception cref="JobsValidationException">One of them is not valid; none has been added.</exception>
    /// <exception cref="JobsUnavailableException">The queues cannot be reached or cannot take jobs now; those of earlier requests are added.</exception>
    Task<IReadOnlyList<string>> AddBulkAsync<TData>(IEnumerable<JobToAdd<TData>> jobs, CancellationToken cancellationToken = default)
        where TData : class, IJobData;

    /// <summary>A job's record; null when there is none.</summary>
    /// <param name="queue">The queue's name; see <see cref="JobQueues"/>.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="JobsUnavailableException">The queues cannot be reached now.</exception>
    Task<JobRecord?> FindAsync(string queue, string jobId, CancellationToken cancellationToken = default);

    /// <summary>Waits until a job has completed or failed. Survives restarts of the gateway in between.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting: without a limit, a job that is nowhere on record is waited for for ever.</param>
    /// <returns>The record of the ended job; of one that asked to be forgotten at its end, the last record that was seen of it, with the state in which it ended.</returns>
    /// <exception cref="JobsRemovedException">It was seen on record and is there no more, and how it ended is not known.</exception>
    /// <exception cref="JobsUnavailableException">What answers is no gateway, or one of another version. One that cannot be reached is waited for.</exception>
    Task<JobRecord> WaitForEndAsync(string queue, string jobId, CancellationToken cancellationToken = default);

    /// <summary>Cancels a job: one that waits fails now, one that runs is told to stop.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when there is none, or it has ended without being cancelled.</returns>
    /// <exception cref="JobsUnavailableException">The queues cannot be reached now.</exception>
    Task<bool> CancelAsync(string queue, string jobId, CancellationToken cancellationToken = default);
}

/// <summary>A job that has been added.</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="JobId">Its id.</param>
/// <param name="IsNew">
/// False when a job of that id was there already; null when that cannot be told: it was published as an event, or the first answer was lost.
/// </param>
public sealed record AddedJob(string Queue, string JobId, bool? IsNew);

/// <summary>A job of a bulk.</summary>
/// <typeparam name="TData">The data of its type.</typeparam>
/// <param name="Data">The data.</param>
/// <param name="Options">What is asked for; null for what its queue does by default.</param>
/// <param name="JobId">Its id; null: a new UUID.</param>
public sealed record JobToAdd<TData>(TData Data, JobOptions? Options = null, string? JobId = null)
    where TData : class, IJobData;
