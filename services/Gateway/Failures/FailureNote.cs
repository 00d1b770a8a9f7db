using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Gateway;

/// <summary>What operators have done about a cause of failures: kept beside the jobs, so that it outlives a page and a gateway.</summary>
internal sealed record FailureNote
{
    /// <summary>Since when nobody wants to hear of it; null when it is not muted.</summary>
    public FailureMute? Mute { get; init; }

    /// <summary>The replay of its jobs that goes on, or the last one; null when there was none within the hour.</summary>
    public FailureReplay? Replay { get; init; }

    public static FailureNote? Read(string? text) => text is null ? null : JsonSerializer.Deserialize<FailureNote>(text, JsonSerializerOptions.Web);

    /// <summary>As it is kept; null where it says nothing.</summary>
    public string? Write() => this is { Mute: null, Replay: null } ? null : JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}

/// <summary>Who does not want to hear of a cause any more.</summary>
/// <param name="By">Who muted it.</param>
/// <param name="At">When.</param>
/// <param name="Until">Until when; null for good.</param>
/// <param name="Reason">Why; null where nothing was said.</param>
internal sealed record FailureMute(string By, DateTimeOffset At, DateTimeOffset? Until, string? Reason);

/// <summary>A replay of all failed jobs of a cause.</summary>
internal sealed record FailureReplay
{
    /// <summary>How far it is.</summary>
    public required FailureReplayState State { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string By { get; init; }

    /// <summary>Jobs a second; 0: all at once.</summary>
    public required int Rate { get; init; }

    /// <summary>How many jobs it was for when it was asked for.</summary>
    public required long Total { get; init; }

    /// <summary>How many of them wait again.</summary>
    public long Done { get; init; }

    /// <summary>Until when it can be undone without a trace; then it runs.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When the next jobs are taken.</summary>
    public DateTimeOffset NextAt { get; init; }

    /// <summary>Only jobs that failed until then: one that fails again is not replayed twice.</summary>
    public required DateTimeOffset FailedUntil { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Whether it goes on.</summary>
    [JsonIgnore]
    public bool IsGoingOn => State is FailureReplayState.Open or FailureReplayState.Running;
}

/// <summary>How far a replay is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailureReplayState>))]
internal enum FailureReplayState
{
    /// <summary>Nothing has happened yet; it can be undone.</summary>
    [JsonStringEnumMemberName("held")]
    Open,

    /// <summary>Its jobs are made to wait again, so many a second.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>All its jobs wait again, or have run since.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>It was stopped: those that it had not come to stay failed.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,

    /// <summary>It was undone before it began.</summary>
    [JsonStringEnumMemberName("undone")]
    Undone,
}
