using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Runs: begin, renew, report, finish.</summary>
internal sealed partial class InMemoryQueue
{
    public IReadOnlyList<BeginResult> Begin(IReadOnlyList<BeginRequest> requests)
    {
        var begun = new HashSet<string>(StringComparer.Ordinal);
        return [.. requests.Select(request => Begin(request, begun))];
    }

    public IReadOnlyList<LeaseState> Renew(IReadOnlyList<RunKey> runs) => [.. runs.Select(run => Write(run, job =>
        _active.Set(job.Id, Steady + LeaseMilliseconds)))];

    public IReadOnlyList<LeaseState> Report(IReadOnlyList<RunReport> reports) => [.. reports.Select(Report)];

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> GetSteps(string jobId) =>
        _jobs.TryGetValue(jobId, out var job) ? new Dictionary<string, ReadOnlyMemory<byte>>(job.Steps) : [];

    public IReadOnlyList<LeaseState> Finish(IReadOnlyList<RunEnd> ends)
    {
        LeaseState[] states = [.. ends.Select(end => AnsweredBefore(end) ?? Write(end.Key, job => Finish(job, end)))];
        TrimToCount();
        return states;
    }

    private long LeaseMilliseconds => (long)Math.Ceiling(options.Lease.TotalMilliseconds);

    private LeaseState Report(RunReport report)
    {
        var isRefused = false;
        var state = Write(report.Key, job =>
        {
            if (report.Sequence == 0 || report.Sequence > job.Reported)
            {
                job.Reported = Math.Max(job.Reported, report.Sequence);
                TakeProgress(job, report.Progress);
                TakeLogs(job, report.Logs);
            }

            if (report.Step is { } step)
            {
                isRefused = !job.Steps.ContainsKey(step) && job.Steps.Count >= JobStoreRules.MaxSteps;
                if (!isRefused)
                {
                    job.Steps[step] = report.StepResult.ToArray();
                }
            }
        });
        return isRefused ? LeaseState.TooManySteps : state;
    }

    /// <summary>What the same end of the same run was answered before; null when there was none.</summary>
    private LeaseState? AnsweredBefore(RunEnd end)
    {
        EndOfRun?[] known = _jobs.TryGetValue(end.Key.JobId, out var job) ? [job.LastEnd, job.FinalEnd] : [FindTombstone(end.Key.JobId)?.End];
        return Array.Find(known, before => before?.Token == end.Key.Token && before.Kind == end.Kind)?.Answer;
    }

    private BeginResult Begin(BeginRequest request, HashSet<string> begun)
    {
        if (!_jobs.TryGetValue(request.JobId, out var job))
        {
            if (FindTombstone(request.JobId) is not null)
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
            case JobState.Active when request.Holder is not null && job.Holder == request.Holder && begun.Add(job.Id):
                _active.Set(job.Id, Steady + LeaseMilliseconds);
                return new BeginResult(BeginOutcome.Started, RunOf(job));
            case JobState.Active:
                return new BeginResult(BeginOutcome.Running);
            case JobState.Completed or JobState.Failed:
                return new BeginResult(BeginOutcome.Ended);
            case JobState.Waiting when _isPaused:
                _outbox.Set(job.Id, Steady);
                return new BeginResult(BeginOutcome.Paused);
        }

        Leave(job);
        job.State = JobState.Active;
        job.StartedAt = Now;
        job.StartedSteady = Steady;
        job.Reported = 0;
        job.Holder = request.Holder;
        job.Token++;
        _active.Set(job.Id, Steady + LeaseMilliseconds);
        begun.Add(job.Id);
        Changed(job);
        return new BeginResult(BeginOutcome.Started, RunOf(job));
    }

    private static JobRun RunOf(StoredJob job) => new()
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
        ReadySince = job.ReadySince < job.StartedAt!.Value ? job.ReadySince : job.StartedAt.Value,
        StartedAt = job.StartedAt.Value,
        Snoozes = job.Snoozes,
        SnoozedSince = job.SnoozedSince,
        TraceParent = job.Job.TraceParent,
        AddedBy = job.Job.AddedBy,
    };

    /// <summary>When a run that ends now has ended: by how long it took, since the clock may have been set meanwhile.</summary>
    private DateTimeOffset EndOf(StoredJob job) => job.StartedAt!.Value + DurationOf(job);

    private TimeSpan DurationOf(StoredJob job) => TimeSpan.FromMilliseconds(Math.Max(0, Steady - job.StartedSteady));

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
        if (end.Sequence == 0 || end.Sequence > job.Reported)
        {
            TakeProgress(job, end.Progress);
            TakeLogs(job, end.Logs);
        }

        var thisEnd = new EndOfRun(job.Token, end.Kind, job.IsCancelRequested ? LeaseState.CancelRequested : LeaseState.Held);
        var duration = DurationOf(job);
        var endedAt = EndOf(job);
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
            job.EndSnoozes();
            job.AttemptsMade++;
            job.Attempts.Add(new JobAttempt(job.AttemptsMade, job.StartedAt!.Value, endedAt, kind == RunEndKind.Completed ? null : error));
        }

        switch (kind)
        {
            case RunEndKind.Completed:
                job.Result = end.Result;
                if (end.ForgetsData)
                {
                    job.ForgetData();
                }

                job.Error = null;
                job.Progress = job.Progress with { Percentage = 100 };
                job.FinishedAt = endedAt;
                Leave(job);
                job.State = JobState.Completed;
                _completed.Set(job.Id, Score(endedAt));
                _completedTotal++;
                _minutes.Completed(Now, duration);
                job.FinalEnd = thisEnd;
                Changed(job);
                if (job.Job.RemoveOnComplete)
                {
                    Forget(job);
                }

                break;
            case RunEndKind.Retry:
                job.LastEnd = thisEnd;
                job.Error = error;
                _retriedTotal++;
                _minutes.Retried(Now, duration);
                MoveToDelayed(job, end.Delay);
                break;
            case RunEndKind.Failed:
                MoveToFailed(job, error ?? new JobError("The job failed."), duration, endedAt);
                job.FinalEnd = thisEnd;
                break;
            case RunEndKind.Snoozed:
                if (end.SnoozesAnew)
                {
                    job.EndSnoozes();
                }

                job.LastEnd = thisEnd;
                job.Snoozes++;
                job.SnoozedSince ??= Now;
                job.SnoozeReason = end.SnoozeReason ?? error?.Message;
                job.Error = error ?? job.Error;
                MoveToDelayed(job, end.Delay);
                break;
            case RunEndKind.Released:
                job.LastEnd = thisEnd;
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
