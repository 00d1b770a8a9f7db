using System.Text.Json;

namespace WhiteCross.Jobs.Contracts;

/// <summary>What is asked for when a schedule is made or changed.</summary>
public sealed record ScheduleRequest
{
    /// <summary>The schedule's id: 1–100 printable characters without spaces. The id of one that is there changes that one. Default: a new UUID.</summary>
    public string? Id { get; init; }

    /// <summary>When, as a cron expression of five fields, or six with seconds first. Either this or <c>every</c>.</summary>
    public string? Cron { get; init; }

    /// <summary>How often, in milliseconds: 1,000 to 365 days. The first time is one such span from now.</summary>
    public long? Every { get; init; }

    /// <summary>The IANA name of the time zone in which <c>cron</c> is meant, for example <c>Europe/Berlin</c>. Default: UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>How many times in all, from 1. Default: no end.</summary>
    public int? Limit { get; init; }

    /// <summary>What to do when the job of the time before has not ended yet. Default: <c>skip</c>.</summary>
    public ScheduleOverlap? Overlap { get; init; }

    /// <summary>Whether it runs. Default: true.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The envelope of the job, without a jobId. Required, unless the schedule is there and keeps its own.</summary>
    public JsonElement? Job { get; init; }
}
