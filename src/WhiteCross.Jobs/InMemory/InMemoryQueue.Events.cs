using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Events that are owed: of due jobs, of jobs that lost theirs, of stalled ones; and dead letters.</summary>
internal sealed partial class InMemoryQueue
{
    private JobError Stalled => new($"The run went silent: its lease of {options.Lease.TotalSeconds:0.###} s ran out.", Code: JobErrorCodes.Stalled);

    public DueJobs TakeDue(int limit)
    {
        var now = Score(Now);
        foreach (var id in _delayed.UpTo(now, limit))
        {
            MoveToWaiting(_jobs[id], needsEvent: true);
        }

        var taken = new List<JobEvent>();
        if (!_isPaused)
        {
            foreach (var id in _outbox.UpTo(now, limit))
            {
                var job = _jobs[id];
                _outbox.Set(id, now + (long)JobStoreRules.ClaimFor.TotalMilliseconds);
                taken.Add(new JobEvent(id, job.Job.Type, job.Priority, job.Job.TraceParent));
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

        return new DueJobs(taken, next is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null);
    }

    public bool ConfirmPublished(IReadOnlyList<string> jobIds)
    {
        foreach (var id in jobIds)
        {
            if (_outbox.Remove(id))
            {
                _waiting[_jobs[id].Priority].Set(id, Score(Now));
            }
        }

        return true;
    }

    public bool RequestEvents(IReadOnlyList<string> jobIds)
    {
        foreach (var id in jobIds)
        {
            if (_jobs.TryGetValue(id, out var job) && job.State == JobState.Waiting)
            {
                _outbox.Set(id, Score(Now));
            }
        }

        return true;
    }

    public int Reconcile(IReadOnlyDictionary<JobPriority, DateTimeOffset> lowWaterMarks, TimeSpan minimumAge, int limit)
    {
        if (_isPaused)
        {
            return 0;
        }

        var found = 0;
        foreach (var (priority, mark) in lowWaterMarks)
        {
            var before = Math.Min(Score(mark), Score(Now - minimumAge));
            foreach (var id in _waiting[priority].UpTo(before - 1, limit))
            {
                if (!_outbox.Contains(id))
                {
                    _outbox.Set(id, Score(Now));
                    found++;
                }
            }
        }

        return found;
    }

    public int RecoverStalled(int limit)
    {
        var stalled = _active.UpTo(Score(Now), limit);
        foreach (var id in stalled)
        {
            var job = _jobs[id];
            var error = job.IsCancelRequested ? Cancelled : Stalled;
            job.AttemptsMade++;
            job.Attempts.Add(new JobAttempt(job.AttemptsMade, job.StartedAt!.Value, Now, error));
            _stalledTotal++;
            _minutes.Stalled(Now);
            if (job.IsCancelRequested || job.AttemptsMade >= job.Job.MaxAttempts)
            {
                MoveToFailed(job, error);
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

    public IReadOnlyList<OwedDeadLetter> TakeDeadLetters(int limit)
    {
        var owed = new List<OwedDeadLetter>();
        foreach (var id in _deadLetters.UpTo(Score(Now), limit))
        {
            _deadLetters.Set(id, Score(Now + JobStoreRules.ClaimFor));
            owed.Add(new OwedDeadLetter(_jobs[id].ToRecord(name, _isPaused), _jobs[id].Job.Backoff));
        }

        return owed;
    }

    public bool ConfirmDeadLetters(IReadOnlyList<string> jobIds)
    {
        foreach (var id in jobIds)
        {
            if (_deadLetters.Remove(id) && _jobs[id] is { Job.RemoveOnFail: true } job)
            {
                Forget(job);
            }
        }

        return true;
    }

    public bool FailUndeliverable(NewJob job)
    {
        var error = job.Error ?? new JobError("The job's event could not be delivered.", Code: JobErrorCodes.Undeliverable);
        if (!_jobs.TryGetValue(job.JobId, out var existing))
        {
            return Add(job with { Error = error }).Outcome == AddOutcome.Added;
        }

        if (existing.State != JobState.Waiting)
        {
            return false;
        }

        MoveToFailed(existing, error);
        return true;
    }
}
