using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>One job as the in-memory store holds it.</summary>
internal sealed class StoredJob(NewJob job, DateTimeOffset now)
{
    public NewJob Job { get; } = job;

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

    public bool IsCancelRequested { get; set; }

    public JobRecord ToRecord(string queue, bool isPaused) => new()
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
        Attempts = [.. Attempts],
        Error = Error,
        Result = StoredJson.Element(Result),
        Logs = [.. Logs],
        Steps = [.. Steps.Keys],
        TraceId = TraceIds.FromTraceParent(Job.TraceParent),
        Data = StoredJson.Element(Job.Data) ?? default,
        Options = StoredJson.Options(Job.Options.Span),
    };
}
