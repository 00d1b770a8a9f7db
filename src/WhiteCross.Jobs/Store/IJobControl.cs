using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>What operators do to jobs and queues. See <see cref="IJobStore"/> for what holds of every call.</summary>
public interface IJobControl
{
    /// <summary>Makes failed jobs wait again, with all their attempts before them. Finished steps stay finished.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs; null for all failed ones.</param>
    /// <param name="failedUntil">Jobs that failed later are left alone, as if they had not; null for any time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What came of each; for all failed ones, an entry for each that was retried.</returns>
    Task<IReadOnlyList<ChangeOutcome>> RetryAsync(
        string queue, IReadOnlyList<string>? jobIds, DateTimeOffset? failedUntil, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a failed job wait again with other data in place of its own, as <see cref="RetryAsync"/> does with the same. Finished steps stay finished.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="job">The job's id, its type and its new data; nothing else of it is taken.</param>
    /// <param name="failedUntil">A job that failed later is left alone: it is not the one whose data was looked at.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ChangeOutcome> RetryWithAsync(string queue, NewJob job, DateTimeOffset failedUntil, CancellationToken cancellationToken);

    /// <summary>Makes a delayed job wait now.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ChangeOutcome> PromoteAsync(string queue, string jobId, CancellationToken cancellationToken);

    /// <summary>Cancels a job: one that waits, is delayed or paused fails now; one that runs is told, and fails when its handler stops.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ChangeOutcome> CancelAsync(string queue, string jobId, CancellationToken cancellationToken);

    /// <summary>Removes a job's record; not that of one that runs. Its tombstone stays.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ChangeOutcome> RemoveAsync(string queue, string jobId, CancellationToken cancellationToken);

    /// <summary>
    /// Takes jobs back that no run has begun, as if they had never been added: nothing stands in the way of adding them again. Others are left alone.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What came of each: the state is wrong of one that a run has begun, or that has ended.</returns>
    Task<IReadOnlyList<ChangeOutcome>> RecallAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken);

    /// <summary>
    /// Puts another result in place of what a job that has ended has on record: what its work came to may be known only later, when somebody outside says so.
    /// A job that has not ended is left alone.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="result">The result, as UTF-8 JSON; at most 64 KiB.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ChangeOutcome> AmendResultAsync(string queue, string jobId, ReadOnlyMemory<byte> result, CancellationToken cancellationToken);

    /// <summary>Pauses a queue: runs go on, no other begins.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it was not paused before.</returns>
    Task<bool> PauseAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Resumes a paused queue.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it was paused before.</returns>
    Task<bool> ResumeAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Removes completed and failed jobs that ended longer ago than said.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="completedGrace">For completed ones.</param>
    /// <param name="failedGrace">For failed ones.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were removed.</returns>
    Task<long> CleanAsync(string queue, TimeSpan completedGrace, TimeSpan failedGrace, CancellationToken cancellationToken);
}
