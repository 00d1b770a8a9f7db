using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>
/// One queue of the in-memory store. Its caller holds a lock around every call. This part has the state, adding, and the moves from one state to
/// another that all other parts are made of.
/// </summary>
internal sealed partial class InMemoryQueue(string name, QueueOptions options, TimeProvider time)
{
    private readonly Dictionary<string, StoredJob> _jobs = new(StringComparer.Ordinal);
    private readonly ScoredSet _all = new();
    private readonly Dictionary<JobPriority, ScoredSet> _waiting = Enum.GetValues<JobPriority>().ToDictionary(priority => priority, _ => new ScoredSet());
    private readonly ScoredSet _delayed = new();
    private readonly ScoredSet _active = new();
    private readonly ScoredSet _completed = new();
    private readonly ScoredSet _failed = new();
    private readonly ClaimedSet _outbox = new();
    private readonly ClaimedSet _deadLetters = new();
    private readonly ScoredSet _tombstones = new();
    private readonly Dictionary<string, Tombstone> _remains = new(StringComparer.Ordinal);
    private readonly MinuteStatistics _minutes = new();
    private readonly long _epoch = Score(time.GetUtcNow());
    private readonly long _epochTimestamp = time.GetTimestamp();
    private bool _isPaused;
    private long _added;
    private long _removed;
    private long _completedTotal;
    private long _failedTotal;
    private long _stalledTotal;
    private long _retriedTotal;

    public ChangeFeed Changes { get; } = new();

    /// <summary>What clocks on the wall say: for people to read, and for how long what has ended is kept.</summary>
    private DateTimeOffset Now => time.GetUtcNow();

    /// <summary>
    /// Milliseconds that go by evenly, whatever is done to the clock: leases, claims, due times and the age of events go by these, so that a clock that
    /// is set declares nobody stalled and lets nothing wait.
    /// </summary>
    private long Steady => _epoch + (long)time.GetElapsedTime(_epochTimestamp).TotalMilliseconds;

    private static readonly long ClaimMilliseconds = (long)JobStoreRules.ClaimFor.TotalMilliseconds;

    public IReadOnlyList<AddResult> Add(IReadOnlyList<NewJob> jobs) => [.. jobs.Select(job => Add(job))];

    private static long Score(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private AddResult Add(NewJob job, bool isEvent = false)
    {
        if (_jobs.TryGetValue(job.JobId, out var existing))
        {
            return new AddResult(AddOutcome.Exists, Shown(existing), NeedsEvent: false, SameData: existing.Sum == (job.Sum ?? DataSum.Of(job)));
        }

        if (FindTombstone(job.JobId) is { } tombstone && (!tombstone.IsRecalled || isEvent))
        {
            return new AddResult(
                AddOutcome.Ended, StateOf(tombstone), NeedsEvent: false, tombstone.Remains, SameData: tombstone.Sum == (job.Sum ?? DataSum.Of(job)));
        }

        var added = new StoredJob(job, Now);
        _jobs.Add(added.Id, added);
        _all.Set(added.Id, Score(added.CreatedAt));
        _added++;
        _minutes.Added(Now);
        if (job.Error is { } error)
        {
            MoveToFailed(added, error);
        }
        else if (job.Delay > TimeSpan.Zero)
        {
            MoveToDelayed(added, job.Delay);
        }
        else
        {
            MoveToWaiting(added, needsEvent: _isPaused);
        }

        return new AddResult(AddOutcome.Added, Shown(added), NeedsEvent: added.State == JobState.Waiting && !_isPaused);
    }

    private JobState Shown(StoredJob job) => job.State == JobState.Waiting && _isPaused ? JobState.Paused : job.State;

    private Tombstone? FindTombstone(string jobId) =>
        _tombstones.TryGetScore(jobId, out var until) && until > Score(Now) ? _remains[jobId] : null;

    private static JobState StateOf(Tombstone tombstone) => tombstone.Remains == JobRemains.Completed ? JobState.Completed : JobState.Failed;

    private void MoveToWaiting(StoredJob job, bool needsEvent)
    {
        Leave(job);
        job.State = JobState.Waiting;
        job.ReadySince = Now;
        job.DueAt = null;
        _waiting[job.Priority].Set(job.Id, Steady);
        if (needsEvent)
        {
            _outbox.Set(job.Id, Steady);
        }

        Changed(job);
    }

    private void MoveToDelayed(StoredJob job, TimeSpan delay)
    {
        Leave(job);
        job.State = JobState.Delayed;
        job.DueAt = Now + delay;
        _delayed.Set(job.Id, Steady + (long)Math.Ceiling(delay.TotalMilliseconds));
        Changed(job);
    }

    private void MoveToFailed(StoredJob job, JobError error, TimeSpan? duration = null, DateTimeOffset? at = null)
    {
        _minutes.Failed(Now, duration);
        Leave(job);
        job.State = JobState.Failed;
        job.FinalEnd = null;
        job.Error = error;
        job.FinishedAt = at ?? Latest(Now, job.CreatedAt);
        job.DueAt = null;
        _failed.Set(job.Id, Score(job.FinishedAt.Value));
        JoinCause(job, error, job.FinishedAt.Value);
        _failedTotal++;

        // Whoever recorded the failure publishes its dead letter at once; the claim keeps others from doing it too.
        _deadLetters.Set(job.Id, Steady + ClaimMilliseconds);
        Changed(job);
    }

    /// <summary>For a failure that nobody is at hand to publish the dead letter of.</summary>
    private void LeaveDeadLetterUnclaimed(StoredJob job) => _deadLetters.Set(job.Id, Steady);

    private static DateTimeOffset Latest(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private void Leave(StoredJob job)
    {
        _waiting[job.Priority].Remove(job.Id);
        _delayed.Remove(job.Id);
        _active.Remove(job.Id);
        _completed.Remove(job.Id);
        _failed.Remove(job.Id);
        LeaveCause(job);
        _outbox.Remove(job.Id);
        _deadLetters.Remove(job.Id);
    }

    private void Forget(StoredJob job, bool isRecalled = false)
    {
        Leave(job);
        _jobs.Remove(job.Id);
        _all.Remove(job.Id);
        _tombstones.Set(job.Id, Score(Now + options.KeepTombstonesFor));
        var remains = job.State switch
        {
            JobState.Completed => JobRemains.Completed,
            JobState.Failed => JobRemains.Failed,
            _ => JobRemains.Removed,
        };
        _remains[job.Id] = new Tombstone(remains, job.Sum, remains == JobRemains.Removed ? null : job.FinalEnd, isRecalled);
        _removed++;
        Changes.Publish(new JobChange(name, job.Id, JobChangeKind.Removed, Shown(job), Now));
    }

    private void Changed(StoredJob job) => Changes.Publish(new JobChange(name, job.Id, JobChangeKind.State, Shown(job), Now));
}
