using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>What operators do, and retention.</summary>
internal sealed partial class InMemoryQueue
{
    private static readonly JobError Cancelled = new("The job was cancelled.", Code: JobErrorCodes.Cancelled);

    public IReadOnlyList<ChangeOutcome> Retry(IReadOnlyList<string>? jobIds, DateTimeOffset? failedUntil)
    {
        var until = failedUntil is { } latest ? Score(latest) : long.MaxValue;
        return [.. (jobIds ?? _failed.UpTo(until)).Select(id => Change(id, _ => FailedUntil(id, until), Retry))];
    }

    public ChangeOutcome RetryWith(NewJob other, DateTimeOffset failedUntil) => Change(other.JobId, _ => FailedUntil(other.JobId, Score(failedUntil)), job =>
    {
        job.ReplaceData(other);
        Retry(job);
    });

    private bool FailedUntil(string id, long until) => _failed.TryGetScore(id, out var failedAt) && failedAt <= until;

    private void Retry(StoredJob job)
    {
        job.EndSnoozes();
        job.Attempts.RemoveRange(0, Math.Max(0, job.Attempts.Count - JobStoreRules.MaxEarlierAttempts));
        job.AttemptsMade = 0;
        job.Error = null;
        job.Progress = JobProgress.None;
        job.FinishedAt = null;
        job.IsCancelRequested = false;
        _retriedTotal++;
        MoveToWaiting(job, needsEvent: true);
    }

    public ChangeOutcome Promote(string jobId) =>
        Change(jobId, state => state == JobState.Delayed, job => MoveToWaiting(job, needsEvent: true));

    public ChangeOutcome Cancel(string jobId) =>
        Change(jobId, state => state is JobState.Waiting or JobState.Delayed or JobState.Active || IsCancelled(jobId), job =>
        {
            if (job.State == JobState.Failed)
            {
                // It was cancelled before: the answer to that was lost.
            }
            else if (job.State == JobState.Active)
            {
                job.IsCancelRequested = true;
            }
            else
            {
                MoveToFailed(job, Cancelled);
                LeaveDeadLetterUnclaimed(job);
            }
        });

    private bool IsCancelled(string jobId) => _jobs[jobId] is { State: JobState.Failed, Error.Code: JobErrorCodes.Cancelled };

    public ChangeOutcome Remove(string jobId) => Change(jobId, state => state != JobState.Active, job => Forget(job));

    public IReadOnlyList<ChangeOutcome> Recall(IReadOnlyList<string> jobIds) => [.. jobIds.Select(id =>
        Change(id, state => state is JobState.Waiting or JobState.Delayed && _jobs[id].Token == 0, job => Forget(job, isRecalled: true)))];

    public ChangeOutcome AmendResult(string jobId, ReadOnlyMemory<byte> result) =>
        Change(jobId, state => state is JobState.Completed or JobState.Failed, job => job.Result = result.ToArray());

    public bool SetPaused(bool isPaused)
    {
        if (_isPaused == isPaused)
        {
            return false;
        }

        _isPaused = isPaused;
        return true;
    }

    public long Clean(TimeSpan completedGrace, TimeSpan failedGrace)
    {
        var removed = 0L;
        foreach (var id in _completed.UpTo(Score(Now - completedGrace) - 1).Concat(_failed.UpTo(Score(Now - failedGrace) - 1)))
        {
            Forget(_jobs[id]);
            removed++;
        }

        return removed;
    }

    public int Trim()
    {
        var before = _removed;
        TrimToCount();
        foreach (var id in _completed.UpTo(Score(Now - options.KeepCompletedFor) - 1)
            .Concat(_failed.UpTo(Score(Now - options.KeepFailedFor) - 1).Where(id => !_deadLetters.Contains(id))))
        {
            Forget(_jobs[id]);
        }

        foreach (var id in _tombstones.UpTo(Score(Now)))
        {
            _tombstones.Remove(id);
            _remains.Remove(id);
        }

        _minutes.Trim(Now);
        return (int)(_removed - before);
    }

    private void TrimToCount()
    {
        var excess = _completed.Count - options.KeepCompleted;
        foreach (var id in _completed.UpTo(long.MaxValue, Math.Max(0, excess)))
        {
            Forget(_jobs[id]);
        }

        excess = _failed.Count - options.KeepFailed;
        foreach (var id in _failed.UpTo(long.MaxValue, Math.Max(0, excess)).Where(id => !_deadLetters.Contains(id)))
        {
            Forget(_jobs[id]);
        }
    }

    private ChangeOutcome Change(string jobId, Func<JobState, bool> isAllowed, Action<StoredJob> change)
    {
        if (!_jobs.TryGetValue(jobId, out var job))
        {
            return ChangeOutcome.NotFound;
        }

        if (!isAllowed(job.State))
        {
            return ChangeOutcome.WrongState;
        }

        change(job);
        return ChangeOutcome.Done;
    }
}
