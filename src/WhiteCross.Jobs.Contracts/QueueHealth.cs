using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>How a queue fares. In JSON in lower case.</summary>
[JsonConverter(typeof(QueueHealthStatusJsonConverter))]
public enum QueueHealthStatus
{
    /// <summary>All is well.</summary>
    Healthy,

    /// <summary>Jobs get through, but many wait or have failed.</summary>
    Degraded,

    /// <summary>Redis is away, or too many jobs fail.</summary>
    Unhealthy,
}

/// <summary>The single findings behind a <see cref="QueueHealth"/>.</summary>
/// <param name="Redis">The job store answers.</param>
/// <param name="Accepting">Jobs can be added.</param>
/// <param name="Processing">Nothing waits for a worker that does not come: the queue is not paused, and waiting jobs get begun.</param>
/// <param name="HighFailureRate">The share of failed jobs is above the threshold.</param>
public sealed record QueueHealthChecks(bool Redis, bool Accepting, bool Processing, bool HighFailureRate);

/// <summary>How one queue fares.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Status">The verdict.</param>
/// <param name="Checks">What it rests on.</param>
/// <param name="FailureRate">Jobs that failed for good within the last hour, as a share of those that ended: 0–1.</param>
/// <param name="AverageProcessingTime">The mean time of the attempts of the last hour, in milliseconds.</param>
/// <param name="CheckedAt">When it was looked at.</param>
public sealed record QueueHealth(
    string Name, QueueHealthStatus Status, QueueHealthChecks Checks, double FailureRate, double AverageProcessingTime, DateTimeOffset CheckedAt);

/// <summary>How all queues fare.</summary>
/// <param name="Status">The worst of them.</param>
/// <param name="Queues">By the queue's name.</param>
/// <param name="CheckedAt">When it was looked at.</param>
public sealed record HealthReport(QueueHealthStatus Status, IReadOnlyDictionary<string, QueueHealth> Queues, DateTimeOffset CheckedAt);
