using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>All that is known of one job.</summary>
public sealed record JobRecord
{
    /// <summary>The job's id: the idempotency key of its queue.</summary>
    public required string JobId { get; init; }

    /// <summary>The queue's name.</summary>
    public required string Queue { get; init; }

    /// <summary>The job's type, for example <c>send-message</c>; empty when the envelope named none that could be read.</summary>
    public required string Type { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required JobState State { get; init; }

    /// <summary>How urgent it is.</summary>
    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>Attempts that have ended: completed, failed or stalled. One interrupted by a shutdown, or postponed, does not count.</summary>
    public int AttemptsMade { get; init; }

    /// <summary>Attempts it gets in all.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>How far the work is.</summary>
    public JobProgress Progress { get; init; } = JobProgress.None;

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the latest attempt began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it completed or failed for good.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When a delayed job is due.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>How often it was postponed since its last attempt that counted, through no fault of its own.</summary>
    public int Snoozes { get; init; }

    /// <summary>Why it was postponed last; null when it was not, or nothing was said.</summary>
    public string? SnoozeReason { get; init; }

    /// <summary>Since when it has been postponed time and again; null when it was not.</summary>
    public DateTimeOffset? SnoozedSince { get; init; }

    /// <summary>The attempts that have ended, oldest first; of those before a retry by hand, the newest 20.</summary>
    public IReadOnlyList<JobAttempt> Attempts { get; init; } = [];

    /// <summary>Why it failed, or why its latest attempt did.</summary>
    public JobError? Error { get; init; }

    /// <summary>What its handler returned; at most 64 KiB.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>What its handler wrote; at most 200 lines of 1 KiB, the newest kept.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];

    /// <summary>The steps that have finished; a retry does not run them again.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>The W3C trace id under which it was added; null when tracing was off.</summary>
    public string? TraceId { get; init; }

    /// <summary>Who added a job that came as an event: nobody who was asked for a name.</summary>
    public const string AddedByEvent = "event";

    /// <summary>Who added it: the name of a key or a token's subject, <c>local</c>, <c>event</c>, or what of the system did; null when it is not known.</summary>
    public string? AddedBy { get; init; }

    /// <summary>The job's data as it was given; null everywhere but where it is revealed.</summary>
    public JsonElement Data { get; init; }

    /// <summary>What its publisher asked for.</summary>
    public JobOptions Options { get; init; } = new();
}

/// <summary>One attempt that has ended.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended, or was found to have stalled.</param>
/// <param name="Error">Why it failed; null when it succeeded.</param>
public sealed record JobAttempt(int Number, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, JobError? Error);

/// <summary>Why an attempt failed.</summary>
/// <param name="Message">What went wrong, at most 4 KiB. Never content, addresses or keys.</param>
/// <param name="Stack">The stack trace, at most 16 KiB; null where there was no exception.</param>
/// <param name="Code">What kind of failure it was; see <see cref="JobErrorCodes"/>.</param>
public sealed record JobError(string Message, string? Stack = null, string Code = JobErrorCodes.Handler)
{
    /// <summary>The fingerprint that failures are grouped by; null for the one that the store makes of code and message. It is no part of the record.</summary>
    [JsonIgnore]
    public string? Cause { get; init; }
}

/// <summary>The kinds of failure that a <see cref="JobError"/> names.</summary>
public static class JobErrorCodes
{
    /// <summary>The handler failed in a way that another attempt may cure.</summary>
    public const string Handler = "handler";

    /// <summary>The handler said that another attempt cannot help.</summary>
    public const string Permanent = "permanent";

    /// <summary>The envelope or the data is not valid.</summary>
    public const string Invalid = "invalid";

    /// <summary>The attempt ran longer than the job's timeout.</summary>
    public const string Timeout = "timeout";

    /// <summary>The process that ran the attempt went silent and its lease ran out.</summary>
    public const string Stalled = "stalled";

    /// <summary>The job was postponed, or had been postponed for longer than its queue allows.</summary>
    public const string Snoozed = "snoozed";

    /// <summary>Somebody cancelled the job.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The sidecar gave up delivering the job's event: no service could receive it.</summary>
    public const string Undeliverable = "undeliverable";
}

/// <summary>How far a job's work is, as its handler reported it last.</summary>
/// <param name="Percentage">0–100.</param>
/// <param name="Step">What is being done, in words.</param>
/// <param name="CurrentStep">Which of <paramref name="TotalSteps"/>, from 1.</param>
/// <param name="TotalSteps">How many there are.</param>
/// <param name="Data">Anything else the handler wants to show; at most 4 KiB.</param>
public sealed record JobProgress(double Percentage, string? Step = null, int? CurrentStep = null, int? TotalSteps = null, JsonElement? Data = null)
{
    /// <summary>Nothing reported yet.</summary>
    public static JobProgress None { get; } = new(0);
}
