using System.Text.Json;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Stores a message and delivers it to its recipient.</summary>
public sealed record SendMessageJob : IJobData
{
    /// <inheritdoc/>
    public static string JobType => "send-message";

    /// <summary>The message's id: the same id again is the same message.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid SenderId { get; init; }

    /// <summary>Who is to read it.</summary>
    public required Guid RecipientId { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>What is said, 1–10,000 characters.</summary>
    public required string Content { get; init; }

    /// <summary>Whether the content must be stored encrypted. Default: no.</summary>
    public bool RequiresEncryption { get; init; }

    /// <summary>What kind of message. Default: <c>text</c>.</summary>
    public string MessageType { get; init; } = "text";

    /// <summary>References to what is attached.</summary>
    public IReadOnlyList<string>? Attachments { get; init; }

    /// <summary>When the message was written.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Who or what asked for the job.</summary>
    public string? InitiatedBy { get; init; }

    /// <summary>Anything else; kept with the job, not looked at.</summary>
    public JsonElement? Metadata { get; init; }
}
