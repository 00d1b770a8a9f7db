using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>
/// Operates the queues: looks at them and their jobs, and changes both. It may do what its key allows (viewers look, operators also change, admins also remove and
/// clean), and what it changes is in the gateway's audit log. Records are without what their jobs are about, which is somebody's data.
/// </summary>
/// <remarks>
/// Every method throws <see cref="JobsRefusedException"/> where there is no such queue or job, the job's state does not allow the change, or the key does not;
/// <see cref="JobsValidationException"/> where what was asked with is not valid; and <see cref="JobsUnavailableException"/> where the gateway cannot be reached or
/// cannot serve now. Nothing is repeated by itself; every change may be repeated without harm.
/// </remarks>
public interface IQueuesClient
{
    /// <summary>How many jobs of each queue are in which state.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<MetricsReport> GetMetricsAsync(CancellationToken cancellationToken = default);

    /// <summary>How many jobs of a queue are in which state.</summary>
    /// <param name="queue">The queue's name; see <see cref="JobQueues"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<QueueMetrics> GetMetricsAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>How the queues fare. That one is unhealthy is an answer, no exception.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<HealthReport> GetHealthAsync(CancellationToken cancellationToken = default);

    /// <summary>How a queue fares. That it is unhealthy is an answer, no exception.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<QueueHealth> GetHealthAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>The processes that work on the queues.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<WorkersReport> GetWorkersAsync(CancellationToken cancellationToken = default);

    /// <summary>The processes that work on a queue.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<QueueWorkers> GetWorkersAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>What happened to a queue's jobs, minute by minute.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="minutes">How many minutes back: 1 to 1,440. Default: 60.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<QueueHistory> GetHistoryAsync(string queue, int minutes = 60, CancellationToken cancellationToken = default);

    /// <summary>How deep a queue was, and how long its jobs waited.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="span">How far back: <c>1h</c>, <c>6h</c>, <c>24h</c> or <c>7d</c>. Default: <c>1h</c>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<QueueTrend> GetTrendAsync(string queue, string span = "1h", CancellationToken cancellationToken = default);

    /// <summary>The jobs of a queue, newest first, however many: pages are asked for as they are needed.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="filter">Which; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<JobRecord> ListJobsAsync(string queue, JobFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>A job's record, with its attempts, steps and log; null when there is none.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<JobRecord?> FindJobAsync(string queue, string jobId, CancellationToken cancellationToken = default);

    /// <summary>Makes a failed job wait again, with all its attempts before it; finished steps are not repeated.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its record then.</returns>
    Task<JobRecord> RetryJobAsync(string queue, string jobId, CancellationToken cancellationToken = default);

    /// <summary>Makes a delayed job due now.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its record then.</returns>
    Task<JobRecord> PromoteJobAsync(string queue, string jobId, CancellationToken cancellationToken = default);

    /// <summary>Cancels a job: one that waits fails now, one that runs is told to stop and is still active in the record that is returned.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its record then.</returns>
    Task<JobRecord> CancelJobAsync(string queue, string jobId, CancellationToken cancellationToken = default);

    /// <summary>Removes a job's record for good. One that runs cannot be removed.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="reason">Why, for the audit log: at most 200 characters, no patient's data. Null: nothing is said.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task RemoveJobAsync(string queue, string jobId, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Makes failed jobs of a queue wait again. Those that have not failed, or are not there, are passed over.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">Which, in requests of up to 1,000; null for all that have failed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many wait again.</returns>
    Task<long> RetryFailedAsync(string queue, IEnumerable<string>? jobIds = null, CancellationToken cancellationToken = default);

    /// <summary>Pauses a queue: what runs goes on, nothing else begins. Jobs can still be added.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task PauseAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Resumes a paused queue.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task ResumeAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Removes the records of old ended jobs for good.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="grace">Completed jobs that ended longer ago go, and failed ones after seven times this. In whole milliseconds, from 0 on.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were removed.</returns>
    Task<long> CleanAsync(string queue, TimeSpan grace, CancellationToken cancellationToken = default);

    /// <summary>
    /// Every change of state of the jobs of a queue, or of all, as it happens; also across a restart of the gateway. A slow reader misses some: the record is the truth.
    /// </summary>
    /// <param name="queue">The queue's name; null for all queues.</param>
    /// <param name="cancellationToken">Ends it; nothing else does but an exception: the first connection fails, or a later one for about a minute.</param>
    IAsyncEnumerable<JobEvent> WatchAsync(string? queue = null, CancellationToken cancellationToken = default);

    /// <summary>What happens to a job: first the state in which it is, then states, progress and log, until it has ended; also across a restart of the gateway.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends it before.</param>
    IAsyncEnumerable<JobEvent> WatchJobAsync(string queue, string jobId, CancellationToken cancellationToken = default);
}
