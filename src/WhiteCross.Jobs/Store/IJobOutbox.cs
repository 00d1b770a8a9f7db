using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>What is owed for jobs, and what keeps a queue going whatever breaks: events of due jobs, dead letters, jobs that lost their event or their run, retention. See <see cref="IJobStore"/> for what holds of every call.</summary>
public interface IJobOutbox
{
    /// <summary>
    /// Makes delayed jobs that are due wait, and hands out all waiting jobs that need an event: those, and the ones that were put back, retried,
    /// found without an event, or whose publishing was not confirmed. Hands out nothing while the queue is paused.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="limit">The most jobs to hand out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<DueJobs> TakeDueAsync(string queue, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Tells that the events of these jobs have been published, which <see cref="TakeDueAsync"/> handed out. An event that is owed since then, by a job
    /// that was put back meanwhile, stays owed.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="published">The jobs, with their claims.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task ConfirmPublishedAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken);

    /// <summary>
    /// Tells that the events of these waiting jobs could not be published, so that <see cref="TakeDueAsync"/> hands them out at once. A claim that is no
    /// longer the job's is left alone; without a claim, every job that waits gets an event.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobs">The jobs, with their claims.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task RequestEventsAsync(string queue, IReadOnlyList<JobClaim> jobs, CancellationToken cancellationToken);

    /// <summary>
    /// Finds waiting jobs that have no event in flight, so that <see cref="TakeDueAsync"/> hands them out: those whose latest event is older than
    /// everything that is pending or unread in their lane.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="oldestEvents">How old each lane's oldest pending or unread event is; zero when there is none. Lanes left out are not looked at.</param>
    /// <param name="minimumAge">Jobs whose latest event is younger are left alone.</param>
    /// <param name="limit">The most jobs to look at in each lane.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were found.</returns>
    Task<int> ReconcileAsync(
        string queue, IReadOnlyDictionary<JobPriority, TimeSpan> oldestEvents, TimeSpan minimumAge, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Takes jobs away from runs whose lease has run out. The stall counts as an attempt: a job with attempts left waits again at once, another
    /// one fails and owes a dead letter. When nobody has looked for a while (<see cref="JobStoreRules.SweepGap"/>), none counts as stalled before
    /// living runs have had the time to renew their leases (<see cref="JobStoreRules.StallGrace"/>).
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="limit">The most jobs to take.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many had stalled.</returns>
    Task<int> RecoverStalledAsync(string queue, int limit, CancellationToken cancellationToken);

    /// <summary>Hands out failed jobs whose dead letter has not been published. They stay claimed for a while, like due jobs.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="limit">The most jobs to hand out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Hands out the dead letters that these jobs owe, whoever has claimed them: for whoever recorded their failure. A page as of records: what does
    /// not fit stays claimed and comes by <see cref="TakeDeadLettersAsync(string, int, CancellationToken)"/>.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs' ids.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken);

    /// <summary>
    /// Tells that the dead letters of these jobs have been published; forgets those that asked to be removed when they fail. One that is owed since, by
    /// a job that was retried and failed again meanwhile, stays owed.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="published">The jobs, with their claims.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task ConfirmDeadLettersAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken);

    /// <summary>
    /// Fails a waiting job that nobody could receive: its event came back as a dead letter from the sidecar. A job in another state is left alone;
    /// one that is not on record is put there as failed.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="job">The job as its event describes it, with the error set.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether the job has failed by this call.</returns>
    Task<bool> FailUndeliverableAsync(string queue, NewJob job, CancellationToken cancellationToken);

    /// <summary>Removes completed and failed jobs that are past the queue's retention, tombstones past theirs, and old minutes of the metrics.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many jobs were removed.</returns>
    Task<int> TrimAsync(string queue, CancellationToken cancellationToken);
}
