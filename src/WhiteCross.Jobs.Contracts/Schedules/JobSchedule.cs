using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>A repeatable job: what is added to a queue again and again, and when.</summary>
public sealed record JobSchedule
{
    /// <summary>The schedule's id, unique in its queue.</summary>
    public required string Id { get; init; }

    /// <summary>The queue.</summary>
    public required string Queue { get; init; }

    /// <summary>When, as a cron expression of five fields, or six with seconds first; null where <c>every</c> says it.</summary>
    public string? Cron { get; init; }

    /// <summary>How often, in milliseconds; null where <c>cron</c> says when.</summary>
    public long? Every { get; init; }

    /// <summary>The IANA name of the time zone in which <c>cron</c> is meant.</summary>
    public string TimeZone { get; init; } = JobSchedules.DefaultTimeZone;

    /// <summary>How many times in all; null for no end.</summary>
    public int? Limit { get; init; }

    /// <summary>What to do when the job of the time before has not ended yet.</summary>
    public ScheduleOverlap Overlap { get; init; } = ScheduleOverlap.Skip;

    /// <summary>The envelope of the job, without a jobId: each run gets one of its own, made from the schedule's id and the planned time.</summary>
    public required JsonElement Job { get; init; }

    /// <summary>Whether it runs.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Who made it: an operator by the API, or the gateway's settings.</summary>
    public ScheduleOrigin Origin { get; init; } = ScheduleOrigin.Api;

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The next planned time; null when its limit is reached or no time is left.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>When it last added a job.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>The id of the job that it added last.</summary>
    public string? LastJobId { get; init; }

    /// <summary>How many jobs it has added.</summary>
    public int Runs { get; init; }

    /// <summary>How many planned times passed without a job, because the one before had not ended.</summary>
    public int Skipped { get; init; }

    /// <summary>
    /// How often it was planned anew because the clock had been set back. Part of its jobs' ids from the first time on: a planned time that comes a second
    /// time is another run.
    /// </summary>
    public int? Replans { get; init; }

    /// <summary>Counts its changes, so that of two instances that change it at once one finds out.</summary>
    public long Version { get; init; }

    /// <summary>What a newer version has put on record and this one does not know: it is written again with every change.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>What to do when a planned time comes and the job of the time before has not ended yet.</summary>
[JsonConverter(typeof(ScheduleOverlapJsonConverter))]
public enum ScheduleOverlap
{
    /// <summary>Let this time pass.</summary>
    Skip,

    /// <summary>Add the job all the same; it waits in the queue like any other.</summary>
    Queue,
}

/// <summary>Who made a schedule.</summary>
[JsonConverter(typeof(ScheduleOriginJsonConverter))]
public enum ScheduleOrigin
{
    /// <summary>An operator, by the API.</summary>
    Api,

    /// <summary>The gateway's settings.</summary>
    Settings,
}
