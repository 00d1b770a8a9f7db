using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>Looking at jobs and queues; changes nothing. See <see cref="IJobStore"/> for what holds of every call.</summary>
public interface IJobReader
{
    /// <summary>A job's record; null when there is none.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<JobRecord?> GetAsync(string queue, string jobId, CancellationToken cancellationToken);

    /// <summary>
    /// The states of many jobs, without their records: null where there never was a job, or none within the tombstones' time.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs' ids; at most some thousands.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<KnownJob?>> GetStatesAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken);

    /// <summary>A page of jobs, newest first: by the time they were added, or, of ended ones, by the time they ended.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<JobPage> ListAsync(string queue, JobQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// The jobs that have a term, the newest first; see <see cref="JobTerms"/>. Without their data and results. All jobs on record are looked through, a part
    /// at a time: it costs adding nothing, and takes its time with a million of them.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="term">The term.</param>
    /// <param name="limit">The most jobs, 1–1000.</param>
    /// <param name="cursor">Where the last page ended; null for the first.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The jobs, by their ids.</returns>
    Task<JobPage> ListByTermAsync(string queue, string term, int limit, string? cursor, CancellationToken cancellationToken);

    /// <summary>The metrics of queues, read at one moment each.</summary>
    /// <param name="queues">The queues' names.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<QueueMetrics>> GetMetricsAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken);

    /// <summary>What happened in each of the last minutes, the present one included; minutes are kept for <see cref="JobStoreRules.KeepMinutesFor"/>.</summary>
    /// <param name="queues">The queues' names.</param>
    /// <param name="minutes">How many minutes back. 1–1440.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<QueueHistory>> GetHistoryAsync(IReadOnlyList<string> queues, int minutes, CancellationToken cancellationToken);

    /// <summary>
    /// The changes of a queue's jobs as they happen, from the moment the enumeration has begun. A slow reader misses some rather than hold up
    /// the queue: read the record for the truth.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    IAsyncEnumerable<JobChange> WatchAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Whether the store answers; does not throw when it does not.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<bool> IsAvailableAsync(CancellationToken cancellationToken);

    /// <summary>How much room the store has left; one without a limit has enough.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<StoreMemory> GetMemoryAsync(CancellationToken cancellationToken) => Task.FromResult(default(StoreMemory));
}

/// <summary>What a store uses of the memory that it may use.</summary>
/// <param name="IsFull">Whether it has no room left, so that nothing can be added.</param>
/// <param name="UsedRatio">How much of it is used, from 0 to about 1; 0 where there is no limit, or it is not known.</param>
public readonly record struct StoreMemory(bool IsFull, double UsedRatio);
