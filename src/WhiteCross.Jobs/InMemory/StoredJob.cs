using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>One job as the in-memory store holds it.</summary>
internal sealed class StoredJob(NewJob job, DateTimeOffset now)
{
    public NewJob Job { get; private set; } = job;

    public string Id => Job.JobId;

    public JobPriority Priority => Job.Priority;

    /// <summary>Never <see cref="JobState.Paused"/>: that follows from the queue.</summary>
    public JobState State { get; set; } = JobState.Waiting;

    public int AttemptsMade { get; set; }

    public long Token { get; set; }

    public DateTimeOffset CreatedAt { get; } = now;

    public DateTimeOffset ReadySince { get; set; } = now;

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public DateTimeOffset? DueAt { get; set; }

    public JobProgress Progress { get; set; } = JobProgress.None;

    public ReadOnlyMemory<byte> Result { get; set; }

    public JobError? Error { get; set; }

    public List<JobAttempt> Attempts { get; } = [];

    public List<string> Logs { get; } = [];

    public Dictionary<string, ReadOnlyMemory<byte>> Steps { get; } = new(StringComparer.Ordinal);

    /// <summary>The group of failures that it is in while it has failed.</summary>
    public string? Cause { get; set; }

    public bool IsCancelRequested { get; set; }

    /// <summary>Its data's.</summary>
    public string Sum { get; private set; } = job.Sum ?? DataSum.Of(job);

    /// <summary>Who holds its run; null when nobody said.</summary>
    public string? Holder { get; set; }

    /// <summary>When its run began, by the queue's steady clock.</summary>
    public long StartedSteady { get; set; }

    /// <summary>The number of the last report of its run.</summary>
    public long Reported { get; set; }

    /// <summary>The last end of a run that was taken and did not end the job.</summary>
    public EndOfRun? LastEnd { get; set; }

    /// <summary>The end of the run that ended the job; null when no run did.</summary>
    public EndOfRun? FinalEnd { get; set; }

    public int Snoozes { get; set; }

    public string? SnoozeReason { get; set; }

    public DateTimeOffset? SnoozedSince { get; set; }

    /// <summary>Takes the data from the record: nothing needs it any more.</summary>
    public void ForgetData() => Job = Job with { Data = "null"u8.ToArray() };

    public void ReplaceData(NewJob other) => (Job, Sum) = (Job with { Data = other.Data, Terms = [.. Job.Terms.Union(other.Terms)] }, other.Sum ?? DataSum.Of(other));

    public void EndSnoozes()
    {
        Snoozes = 0;
        SnoozeReason = null;
        SnoozedSince = null;
    }

    /// <summary>Bytes of its record, about.</summary>
    public long BytesOf(bool withData) =>
        (withData ? Job.Data.Length + Result.Length : 0) + Logs.Sum(line => (long)line.Length)
        + Attempts.Sum(attempt => (long)(attempt.Error is { } error ? error.Message.Length + (error.Stack?.Length ?? 0) : 0));

    public JobRecord ToRecord(string queue, bool isPaused, bool withData = true) => new()
    {
        JobId = Id,
        Queue = queue,
        Type = Job.Type,
        State = State == JobState.Waiting && isPaused ? JobState.Paused : State,
        Priority = Priority,
        AttemptsMade = AttemptsMade,
        MaxAttempts = Job.MaxAttempts,
        Progress = Progress,
        CreatedAt = CreatedAt,
        StartedAt = StartedAt,
        FinishedAt = FinishedAt,
        NextAttemptAt = State == JobState.Delayed ? DueAt : null,
        Snoozes = Snoozes,
        SnoozeReason = SnoozeReason,
        SnoozedSince = SnoozedSince,
        Attempts = [.. Attempts],
        Error = Error,
        Result = withData ? StoredJson.Element(Result) : null,
        Logs = [.. Logs],
        Steps = [.. Steps.Keys],
        TraceId = TraceIds.FromTraceParent(Job.TraceParent),
        AddedBy = Job.AddedBy,
        Data = (withData ? StoredJson.Element(Job.Data) : null) ?? StoredJson.Null,
        Options = StoredJson.Options(Job.Options.Span),
    };
}
