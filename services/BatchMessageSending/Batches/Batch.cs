using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>How far a batch is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchStatus>))]
internal enum BatchStatus
{
    /// <summary>Its messages are being sent.</summary>
    [JsonStringEnumMemberName("sending")]
    Sending,

    /// <summary>All that can be sent have been sent.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Somebody cancelled it; what was sent until then has been sent.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,

    /// <summary>It could not go on.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>A batch as the state store has it: everything but its recipients, which lie beside it in blocks.</summary>
internal sealed record Batch
{
    /// <summary>The batch's id.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The batch's job.</summary>
    public required string JobId { get; init; }

    /// <summary>How far it is.</summary>
    public BatchStatus Status { get; init; }

    /// <summary>Who sends it.</summary>
    public required Guid SenderId { get; init; }

    /// <summary>The text to render for each recipient; gone once the batch has been sent.</summary>
    public required string Template { get; init; }

    /// <summary>The template in other languages, by locale; gone once the batch has been sent.</summary>
    public Dictionary<string, string> Localized { get; init; } = [];

    /// <summary>The variables for all recipients; gone once the batch has been sent.</summary>
    public Dictionary<string, JsonElement> Variables { get; init; } = [];

    /// <summary>Whether its messages are stored encrypted.</summary>
    public bool RequiresEncryption { get; init; }

    /// <summary>Whether missing conversations are made.</summary>
    public bool CreateConversations { get; init; }

    /// <summary>Messages sent at once.</summary>
    public required int ChunkSize { get; init; }

    /// <summary>The pause between chunks, in milliseconds.</summary>
    public required int ChunkDelay { get; init; }

    /// <summary>How urgent its messages are: as the batch.</summary>
    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>Who or what caused it.</summary>
    public string? InitiatedBy { get; init; }

    /// <summary>When its sending began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When its sending ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Recipients that have been dealt with, once it has ended.</summary>
    public int ProcessedCount { get; init; }

    /// <summary>The chunk with which a batch that was cancelled goes on, from 0.</summary>
    public int NextChunk { get; init; }

    /// <summary>Of a batch that is being cancelled: how many messages it had sent before those were recalled that had not begun.</summary>
    public int? SentBeforeRecall { get; init; }

    /// <summary>Of a batch that was cancelled: how many of its messages were recalled before they had begun.</summary>
    public int RecalledCount { get; init; }

    /// <summary>Why it failed, or what came of it when it was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>The recipients in each block.</summary>
    public required IReadOnlyList<int> Blocks { get; init; }

    /// <summary>How many recipients it has.</summary>
    public int RecipientCount => Blocks.Sum();

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(Batch)} {BatchId}";
}
