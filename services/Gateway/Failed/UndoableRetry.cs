using System.Text.Json.Serialization;

namespace WhiteCross.Gateway;

/// <summary>A retry of many failed jobs that waits for a while, in which it can be undone. Until it runs, the jobs are failed as before.</summary>
internal sealed record UndoableRetry
{
    /// <summary>The queue's name.</summary>
    public required string Queue { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>How far it is.</summary>
    public UndoableRetryState State { get; init; }

    /// <summary>How many failed jobs it was for when it was asked for.</summary>
    public required int Count { get; init; }

    /// <summary>The jobs; null for all failed ones, and when it has ended.</summary>
    public IReadOnlyList<string>? JobIds { get; init; }

    /// <summary>Only jobs that failed until then: one that fails again is not retried twice, however often the retry has to begin anew.</summary>
    public required DateTimeOffset FailedUntil { get; init; }

    /// <summary>Until when it can be undone; then it runs.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When it was done or undone; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Changes with every change; 0 before it is stored.</summary>
    public long Version { get; init; }
}

/// <summary>How far such a retry is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UndoableRetryState>))]
internal enum UndoableRetryState
{
    /// <summary>It can be undone.</summary>
    [JsonStringEnumMemberName("held")]
    Open,

    /// <summary>Its time was over; its jobs are made to wait again.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Its jobs wait again.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>It was undone in time: nothing has happened to its jobs.</summary>
    [JsonStringEnumMemberName("undone")]
    Undone,
}
