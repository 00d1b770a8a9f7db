using System.Text.Json;

namespace WhiteCross.Jobs.Contracts;

/// <summary>A job as it travels: the data of the CloudEvent, and the body of the HTTP API.</summary>
public sealed record JobEnvelope
{
    /// <summary>The job's id, chosen by the caller: the idempotency key. 1–128 printable characters without spaces. Left out: one is made.</summary>
    public string? JobId { get; init; }

    /// <summary>The job's type; may be left out where the queue has one only.</summary>
    public string? Type { get; init; }

    /// <summary>The job's data: the DTO of its type.</summary>
    public JsonElement Data { get; init; }

    /// <summary>What the publisher asks for.</summary>
    public JobOptions? Options { get; init; }
}
