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
    private readonly ScoredSet _outbox = new();
    private readonly ScoredSet _deadLetters = new();
    private readonly ScoredSet _tombstones = new();
    private readonly HashSet<string> _failedTombstones = new(StringComparer.Ordinal);
    private readonly MinuteStatistics _minutes = new();
    private bool _isPaused;
    private long _added;
    private long _removed;
    private long _completedTotal;
    private long _failedTotal;
    private long _stalledTotal;
    private long _retriedTotal;

    public ChangeFeed Changes { get; } = new();

    private DateTimeOffset Now => time.GetUtcNow();

    public IReadOnlyList<AddResult> Add(IReadOnlyList<NewJob> jobs) => [.. jobs.Select(Add)];

    private static long Score(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private AddResult Add(NewJob job)
    {
        if (_jobs.TryGetValue(job.JobId, out var existing))
        {
            return new AddResult(AddOutcome.Exists, Shown(existing), NeedsEvent: false);
        }

        if (HasTombstone(job.JobId))
        {
            return new AddResult(AddOutcome.Ended, JobState.Completed, NeedsEvent: false);
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

    private bool HasTombstone(string jobId) => _tombstones.TryGetScore(jobId, out var until) && until > Score(Now);

    private void MoveToWaiting(StoredJob job, bool needsEvent)
    {
        Leave(job);
        job.State = JobState.Waiting;
        job.ReadySince = Now;
        job.DueAt = null;
        _waiting[job.Priority].Set(job.Id, Score(Now));
        if (needsEvent)
        {
            _outbox.Set(job.Id, Score(Now));
        }

        Changed(job);
    }

    private void MoveToDelayed(StoredJob job, TimeSpan delay)
    {
        Leave(job);
        job.State = JobState.Delayed;
        job.DueAt = Now + delay;
        _delayed.Set(job.Id, Score(job.DueAt.Value));
        Changed(job);
    }

    private void MoveToFailed(StoredJob job, JobError error, TimeSpan? duration = null)
    {
        _minutes.Failed(Now, duration);
        Leave(job);
        job.State = JobState.Failed;
        job.Error = error;
        job.FinishedAt = Now;
        job.DueAt = null;
        _failed.Set(job.Id, Score(Now));
        _failedTotal++;

        // Whoever recorded the failure publishes its dead letter at once; the claim keeps others from doing it too.
        _deadLetters.Set(job.Id, Score(Now + JobStoreRules.ClaimFor));
        Changed(job);
    }

    /// <summary>For a failure that nobody is at hand to publish the dead letter of.</summary>
    private void LeaveDeadLetterUnclaimed(StoredJob job) => _deadLetters.Set(job.Id, Score(Now));

    private void Leave(StoredJob job)
    {
        _waiting[job.Priority].Remove(job.Id);
        _delayed.Remove(job.Id);
        _active.Remove(job.Id);
        _completed.Remove(job.Id);
        _failed.Remove(job.Id);
        _outbox.Remove(job.Id);
        _deadLetters.Remove(job.Id);
    }

    private void Forget(StoredJob job)
    {
        Leave(job);
        _jobs.Remove(job.Id);
        _all.Remove(job.Id);
        _tombstones.Set(job.Id, Score(Now + options.KeepTombstonesFor));
        _ = job.State == JobState.Completed ? _failedTombstones.Remove(job.Id) : _failedTombstones.Add(job.Id);
        _removed++;
        Changes.Publish(new JobChange(name, job.Id, JobChangeKind.Removed, Shown(job), Now));
    }

    private void Changed(StoredJob job) => Changes.Publish(new JobChange(name, job.Id, JobChangeKind.State, Shown(job), Now));
}
