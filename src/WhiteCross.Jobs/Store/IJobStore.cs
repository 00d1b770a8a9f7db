using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Retrying;
using WhiteCross.Jobs.Watching;

namespace WhiteCross.Jobs.Store;

/// <summary>
/// The record of all jobs: the truth that decides what may run. Calls that the hot path makes take a batch and cost one round trip whatever its
/// size; results come in the order of the batch. Every call is atomic per queue, and either has happened as a whole or, when it throws, may or may
/// not have: all of them can be repeated without harm.
/// </summary>
public interface IJobStore : IJobArrivals
{
    /// <summary>Retries that are held back for a while, on record beside the jobs that they are for.</summary>
    IHeldRetryStore HeldRetries { get; }

    /// <summary>Which processes work on the queues.</summary>
    IWorkerRegistry Workers { get; }

    /// <summary>Puts jobs on record. A job whose id is on record already, or has been within the tombstones' time, is not added again.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<AddResult>> AddAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken);

    /// <summary>
    /// Begins runs of jobs whose events have come in; puts a job on record first where there is none and the event describes one. A holder that asks
    /// again gets the run again that it holds.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="requests">The jobs. One that is named twice begins once.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<BeginResult>> BeginAsync(string queue, IReadOnlyList<BeginRequest> requests, CancellationToken cancellationToken);

    /// <summary>
    /// Puts the ends of runs on record. The end of a run whose job was taken from it is refused; that of one whose lease is over is taken as long as
    /// nobody has. The same end of the same run again is answered as it was the first time, and changes nothing.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="ends">The ends.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<LeaseState>> FinishAsync(string queue, IReadOnlyList<RunEnd> ends, CancellationToken cancellationToken);

    /// <summary>Renews the leases of runs, and tells which of them have been lost or are to be cancelled.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<LeaseState>> RenewAsync(string queue, IReadOnlyList<RunKey> runs, CancellationToken cancellationToken);

    /// <summary>Puts progress, log lines and finished steps on record.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="reports">The reports.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<LeaseState>> ReportAsync(string queue, IReadOnlyList<RunReport> reports, CancellationToken cancellationToken);

    /// <summary>The results of a job's finished steps by name, as UTF-8 JSON.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> GetStepsAsync(string queue, string jobId, CancellationToken cancellationToken);

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

    /// <summary>Makes failed jobs wait again, with all their attempts before them. Finished steps stay finished.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="jobIds">The jobs; null for all failed ones.</param>
    /// <param name="failedUntil">Jobs that failed later are left alone, as if they had not; null for any time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What came of each; for all failed ones, an entry for each that was retried.</returns>
    Task<IReadOnlyList<ChangeOutcome>> RetryAsync(
        string queue, IReadOnlyList<string>? jobIds, DateTimeOffset? failedUntil, CancellationToken cancellationToken);

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

    /// <summary>The metrics of queues, read at one moment each.</summary>
    /// <param name="queues">The queues' names.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<QueueMetrics>> GetMetricsAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken);

    /// <summary>What happened in each of the last minutes, the present one included; minutes are kept for <see cref="JobStoreRules.KeepMinutesFor"/>.</summary>
    /// <param name="queues">The queues' names.</param>
    /// <param name="minutes">How many minutes back. 1–1440.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<QueueHistory>> GetHistoryAsync(IReadOnlyList<string> queues, int minutes, CancellationToken cancellationToken);

    /// <summary>Whether the store answers; does not throw when it does not.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<bool> IsAvailableAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The changes of a queue's jobs as they happen, from the moment the enumeration has begun. A slow reader misses some rather than hold up
    /// the queue: read the record for the truth.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    IAsyncEnumerable<JobChange> WatchAsync(string queue, CancellationToken cancellationToken);
}
