using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Events that are owed: of due jobs, of jobs that lost theirs, of stalled ones; and dead letters.</summary>
internal sealed partial class InMemoryQueue
{
    private JobError Stalled => new($"The run went silent: its lease of {options.Lease.TotalSeconds:0.###} s ran out.", Code: JobErrorCodes.Stalled);

    private long? _sweptAt;
    private long _lastClaim;
    private long _noStallsBefore;

    private long NewClaim() => _lastClaim = ClaimedSet.ClaimUntil(Steady + ClaimMilliseconds, _lastClaim);

    public DueJobs TakeDue(int limit)
    {
        var now = Steady;
        foreach (var id in _delayed.UpTo(now, limit))
        {
            MoveToWaiting(_jobs[id], needsEvent: true);
        }

        var taken = new List<JobEvent>();
        long? claim = null;
        if (!_isPaused)
        {
            foreach (var id in _outbox.UpTo(now, limit))
            {
                var job = _jobs[id];
                claim ??= NewClaim();
                _outbox.Claim(id, claim.Value);
                taken.Add(new JobEvent(id, job.Job.Type, job.Priority, job.Job.TraceParent, claim.Value));
            }
        }

        long? next = null;
        if (_delayed.TryGetFirst(out var delayed))
        {
            next = delayed.Score;
        }

        if (!_isPaused && _outbox.TryGetFirst(out var owed) && (next is null || owed.Score < next))
        {
            next = owed.Score;
        }

        return new DueJobs(taken, next is { } due ? TimeSpan.FromMilliseconds(Math.Max(0, due - now)) : null);
    }

    public bool ConfirmPublished(IReadOnlyList<JobClaim> published)
    {
        foreach (var claim in published)
        {
            if (_outbox.Is(claim))
            {
                _outbox.Remove(claim.JobId);
                _waiting[_jobs[claim.JobId].Priority].Set(claim.JobId, Steady);
            }
        }

        return true;
    }

    public bool RequestEvents(IReadOnlyList<JobClaim> jobs)
    {
        foreach (var claim in jobs)
        {
            if (claim.Claim == JobClaim.None
                ? _jobs.TryGetValue(claim.JobId, out var job) && job.State == JobState.Waiting
                : _outbox.Is(claim))
            {
                _outbox.Set(claim.JobId, Steady);
            }
        }

        return true;
    }

    public int Reconcile(IReadOnlyDictionary<JobPriority, TimeSpan> oldestEvents, TimeSpan minimumAge, int limit)
    {
        if (_isPaused)
        {
            return 0;
        }

        var found = 0;
        foreach (var (priority, age) in oldestEvents)
        {
            var before = Steady - (long)Math.Ceiling((age > minimumAge ? age : minimumAge).TotalMilliseconds);
            foreach (var id in _waiting[priority].UpTo(before - 1, limit))
            {
                if (!_outbox.Contains(id))
                {
                    _outbox.Set(id, Steady);
                    found++;
                }
            }
        }

        return found;
    }

    public int RecoverStalled(int limit)
    {
        var now = Steady;
        if (_sweptAt is { } last && now - last > JobStoreRules.SweepGap(options.Lease).TotalMilliseconds)
        {
            _noStallsBefore = now + (long)JobStoreRules.StallGrace.TotalMilliseconds;
        }

        _sweptAt = now;
        if (now < _noStallsBefore)
        {
            return 0;
        }

        var stalled = _active.UpTo(now, limit);
        foreach (var id in stalled)
        {
            var job = _jobs[id];
            var error = job.IsCancelRequested ? Cancelled : Stalled;
            var endedAt = EndOf(job);
            job.AttemptsMade++;
            job.EndSnoozes();
            job.Attempts.Add(new JobAttempt(job.AttemptsMade, job.StartedAt!.Value, endedAt, error));
            _stalledTotal++;
            _minutes.Stalled(Now);
            if (job.IsCancelRequested || job.AttemptsMade >= job.Job.MaxAttempts)
            {
                MoveToFailed(job, error, at: endedAt);
                LeaveDeadLetterUnclaimed(job);
            }
            else
            {
                job.Error = error;
                MoveToWaiting(job, needsEvent: true);
            }
        }

        TrimToCount();
        return stalled.Count;
    }

    public IReadOnlyList<OwedDeadLetter> TakeDeadLetters(int limit) => TakeDeadLetters(_deadLetters.UpTo(Steady, limit));

    public IReadOnlyList<OwedDeadLetter> TakeDeadLetters(IReadOnlyList<string> jobIds)
    {
        var owed = new List<OwedDeadLetter>();
        long? claim = null;
        var bytes = 0L;
        foreach (var id in jobIds.Distinct(StringComparer.Ordinal).Where(_deadLetters.Contains))
        {
            var job = _jobs[id];
            claim ??= NewClaim();
            _deadLetters.Claim(id, claim.Value);
            owed.Add(new OwedDeadLetter(job.ToRecord(name, _isPaused), claim.Value));
            bytes += job.BytesOf(withData: true);
            if (bytes > JobStoreRules.PageBytes)
            {
                break;
            }
        }

        return owed;
    }

    public bool ConfirmDeadLetters(IReadOnlyList<JobClaim> published)
    {
        foreach (var claim in published)
        {
            if (_deadLetters.Is(claim))
            {
                _deadLetters.Remove(claim.JobId);
                if (_jobs[claim.JobId] is { Job.RemoveOnFail: true } job)
                {
                    Forget(job);
                }
            }
        }

        return true;
    }

    public bool FailUndeliverable(NewJob job)
    {
        var error = job.Error ?? new JobError("The job's event could not be delivered.", Code: JobErrorCodes.Undeliverable);
        if (!_jobs.TryGetValue(job.JobId, out var existing))
        {
            return Add(job with { Error = error }, isEvent: true).Outcome == AddOutcome.Added;
        }

        if (existing.State != JobState.Waiting)
        {
            return false;
        }

        MoveToFailed(existing, error);
        return true;
    }
}
