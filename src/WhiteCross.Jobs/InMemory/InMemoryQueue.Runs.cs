using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Runs: begin, renew, report, finish.</summary>
internal sealed partial class InMemoryQueue
{
    public IReadOnlyList<BeginResult> Begin(IReadOnlyList<BeginRequest> requests) => [.. requests.Select(Begin)];

    public IReadOnlyList<LeaseState> Renew(IReadOnlyList<RunKey> runs) => [.. runs.Select(run => Write(run, job =>
        _active.Set(job.Id, Score(Now + options.Lease))))];

    public IReadOnlyList<LeaseState> Report(IReadOnlyList<RunReport> reports) => [.. reports.Select(report => Write(report.Key, job =>
    {
        TakeProgress(job, report.Progress);
        TakeLogs(job, report.Logs);
        if (report.Step is { } step && (job.Steps.ContainsKey(step) || job.Steps.Count < JobStoreRules.MaxSteps))
        {
            job.Steps[step] = report.StepResult.ToArray();
        }
    }))];

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> GetSteps(string jobId) =>
        _jobs.TryGetValue(jobId, out var job) ? new Dictionary<string, ReadOnlyMemory<byte>>(job.Steps) : [];

    public IReadOnlyList<LeaseState> Finish(IReadOnlyList<RunEnd> ends)
    {
        LeaseState[] states = [.. ends.Select(end => Write(end.Key, job => Finish(job, end)))];
        TrimToCount();
        return states;
    }

    private BeginResult Begin(BeginRequest request)
    {
        if (!_jobs.TryGetValue(request.JobId, out var job))
        {
            if (HasTombstone(request.JobId))
            {
                return new BeginResult(BeginOutcome.Ended);
            }

            if (request.IfMissing is null)
            {
                return new BeginResult(BeginOutcome.Unknown);
            }

            Add(request.IfMissing);
            job = _jobs[request.JobId];
        }

        switch (job.State)
        {
            case JobState.Delayed:
                return new BeginResult(BeginOutcome.NotDue);
            case JobState.Active:
                return new BeginResult(BeginOutcome.Running);
            case JobState.Completed or JobState.Failed:
                return new BeginResult(BeginOutcome.Ended);
            case JobState.Waiting when _isPaused:
                _outbox.Set(job.Id, Score(Now));
                return new BeginResult(BeginOutcome.Paused);
        }

        Leave(job);
        job.State = JobState.Active;
        job.StartedAt = Now;
        job.Token++;
        _active.Set(job.Id, Score(Now + options.Lease));
        Changed(job);
        return new BeginResult(BeginOutcome.Started, new JobRun
        {
            Key = new RunKey(job.Id, job.Token),
            Type = job.Job.Type,
            Data = job.Job.Data,
            Priority = job.Priority,
            Attempt = job.AttemptsMade + 1,
            MaxAttempts = job.Job.MaxAttempts,
            Backoff = job.Job.Backoff,
            Timeout = job.Job.Timeout,
            CreatedAt = job.CreatedAt,
            ReadySince = job.ReadySince,
            StartedAt = Now,
            TraceParent = job.Job.TraceParent,
        });
    }

    /// <summary>The fence: a write is taken only from the run that holds the job.</summary>
    private LeaseState Write(RunKey run, Action<StoredJob> write)
    {
        if (!_jobs.TryGetValue(run.JobId, out var job) || job.State != JobState.Active || job.Token != run.Token)
        {
            return LeaseState.Lost;
        }

        var isCancelRequested = job.IsCancelRequested;
        write(job);
        return isCancelRequested ? LeaseState.CancelRequested : LeaseState.Held;
    }

    private void Finish(StoredJob job, RunEnd end)
    {
        TakeProgress(job, end.Progress);
        TakeLogs(job, end.Logs);
        var duration = Now - job.StartedAt!.Value;
        var kind = end.Kind;
        var error = end.Error;
        if (job.IsCancelRequested && kind is RunEndKind.Retry or RunEndKind.Snoozed or RunEndKind.Released)
        {
            kind = RunEndKind.Failed;
            error = Cancelled;
        }
        else if (kind == RunEndKind.Retry && job.AttemptsMade + 1 >= job.Job.MaxAttempts)
        {
            kind = RunEndKind.Failed;
        }

        if (kind is RunEndKind.Completed or RunEndKind.Retry or RunEndKind.Failed)
        {
            job.AttemptsMade++;
            job.Attempts.Add(new JobAttempt(job.AttemptsMade, job.StartedAt.Value, Now, kind == RunEndKind.Completed ? null : error));
        }

        switch (kind)
        {
            case RunEndKind.Completed:
                job.Result = end.Result;
                job.Error = null;
                job.Progress = job.Progress with { Percentage = 100 };
                job.FinishedAt = Now;
                Leave(job);
                job.State = JobState.Completed;
                _completed.Set(job.Id, Score(Now));
                _completedTotal++;
                _minutes.Completed(Now, duration);
                Changed(job);
                if (job.Job.RemoveOnComplete)
                {
                    Forget(job);
                }

                break;
            case RunEndKind.Retry:
                job.Error = error;
                _retriedTotal++;
                _minutes.Retried(Now, duration);
                MoveToDelayed(job, end.Delay);
                break;
            case RunEndKind.Failed:
                MoveToFailed(job, error ?? new JobError("The job failed."), duration);
                break;
            case RunEndKind.Snoozed:
                job.Error = error;
                MoveToDelayed(job, end.Delay);
                break;
            case RunEndKind.Released:
                MoveToWaiting(job, needsEvent: true);
                break;
        }
    }

    private void TakeProgress(StoredJob job, ReadOnlyMemory<byte> progress)
    {
        if (!progress.IsEmpty)
        {
            job.Progress = StoredJson.Progress(progress.Span);
            Changes.Publish(new JobChange(name, job.Id, JobChangeKind.Progress, job.State, Now, Progress: job.Progress));
        }
    }

    private void TakeLogs(StoredJob job, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            job.Logs.Add(line);
            Changes.Publish(new JobChange(name, job.Id, JobChangeKind.Log, job.State, Now, Line: line));
        }

        if (job.Logs.Count > JobStoreRules.MaxLogLines)
        {
            job.Logs.RemoveRange(0, job.Logs.Count - JobStoreRules.MaxLogLines);
        }
    }
}
