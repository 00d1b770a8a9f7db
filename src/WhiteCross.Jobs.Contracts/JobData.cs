using System.Text.Json;

namespace WhiteCross.Jobs.Contracts;

/// <summary>What the data of every type of job may hold.</summary>
public abstract record JobData
{
    /// <summary>When its publisher made it.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Who or what caused it; an id, not a name.</summary>
    public string? InitiatedBy { get; init; }

    /// <summary>Anything else its publisher wants to keep with it.</summary>
    public Dictionary<string, JsonElement>? Metadata { get; init; }
}
