using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>Something that happened to a job.</summary>
public sealed record JobEvent
{
    /// <summary>What kind of event it is.</summary>
    [JsonIgnore]
    public JobEventKind Kind { get; init; }

    /// <summary>The job's id.</summary>
    public required string JobId { get; init; }

    /// <summary>Its queue's name.</summary>
    public required string Queue { get; init; }

    /// <summary>Its state.</summary>
    public required JobState State { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How far it is; null where the event does not say.</summary>
    public JobProgress? Progress { get; init; }

    /// <summary>What its handler wrote, of <see cref="JobEventKind.Log"/>; else null.</summary>
    public string? Line { get; init; }

    /// <summary>Whether nothing follows: the job has completed or failed, or its record was removed.</summary>
    [JsonIgnore]
    public bool IsEnd => Kind == JobEventKind.Removed || (Kind == JobEventKind.State && State is JobState.Completed or JobState.Failed);
}

/// <summary>What kind of event of a job it is.</summary>
public enum JobEventKind
{
    /// <summary>Its state changed; of one job also the first event: the state in which it is.</summary>
    State,

    /// <summary>Its progress changed.</summary>
    Progress,

    /// <summary>Its handler wrote a line.</summary>
    Log,

    /// <summary>Its record was removed.</summary>
    Removed,

    /// <summary>One that this version of the client does not know.</summary>
    Other,
}
