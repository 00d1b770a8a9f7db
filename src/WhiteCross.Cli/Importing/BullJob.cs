using System.Globalization;
using StackExchange.Redis;

namespace WhiteCross.Cli.Importing;

/// <summary>The states of Bull that jobs are taken from.</summary>
internal enum BullState
{
    /// <summary>In the list <c>wait</c>, or <c>paused</c>.</summary>
    Waiting,

    /// <summary>Of BullMQ: in the sorted set <c>prioritized</c>. Bull keeps such jobs in <c>wait</c>.</summary>
    Prioritized,

    /// <summary>Added with a delay, or to be tried again.</summary>
    Delayed,

    /// <summary>Given up.</summary>
    Failed,

    /// <summary>Taken by a run of the import that did not end: known to be taken, not whether it was added.</summary>
    Taken,
}

/// <summary>Where a job stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">Its state.</param>
/// <param name="Key">The list or sorted set that holds it, without the queue's prefix.</param>
/// <param name="Score">Its score there; null in a list.</param>
internal sealed record BullPlace(string Id, BullState State, string Key, double? Score)
{
    /// <summary>When a delayed job is due: Bull and BullMQ keep milliseconds × 4096 and a counter.</summary>
    public long DueAt => Key == "delayed" && Score is { } score ? (long)(score / 0x1000) : 0;
}

/// <summary>A job as Bull or BullMQ has it on record.</summary>
internal sealed class BullJob(BullPlace place, HashEntry[] fields)
{
    private readonly Dictionary<string, string> _fields = fields.ToDictionary(field => (string)field.Name!, field => (string)field.Value!, StringComparer.Ordinal);

    public BullPlace Place { get; } = place;

    public bool Exists => _fields.ContainsKey("data");

    public string Name => _fields.GetValueOrDefault("name", string.Empty);

    public string Data => _fields["data"];

    public string Options => _fields.GetValueOrDefault("opts", "{}");

    public long Timestamp => Number("timestamp");

    public long Priority => Number("priority");

    /// <summary>Attempts that were made: Bull calls it <c>attemptsMade</c>, BullMQ <c>atm</c>.</summary>
    public long AttemptsMade => Math.Max(Number("attemptsMade"), Number("atm"));

    public string? FailedReason => _fields.GetValueOrDefault("failedReason");

    public string? Stack => _fields.GetValueOrDefault("stacktrace");

    /// <summary>Part of a flow: its parent waits for it, or it for its children.</summary>
    public bool IsOfFlow => _fields.ContainsKey("parentKey");

    /// <summary>Made by a schedule, which makes the next one when this one is run.</summary>
    public bool IsRepeated => _fields.ContainsKey("rjk") || Place.Id.StartsWith("repeat:", StringComparison.Ordinal);

    private long Number(string name) => long.TryParse(_fields.GetValueOrDefault(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
