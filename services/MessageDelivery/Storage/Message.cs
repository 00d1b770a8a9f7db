using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>A message as it is stored. What was said never changes; only the status and its times do.</summary>
public sealed class Message
{
    /// <summary>The id its sender's client chose.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid SenderId { get; init; }

    /// <summary>Who is to read it.</summary>
    public required Guid RecipientId { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>What was said; the cipher text where <see cref="Encrypted"/>.</summary>
    public required string Content { get; init; }

    /// <summary>Whether <see cref="Content"/> is a cipher text.</summary>
    public required bool Encrypted { get; init; }

    /// <summary>What kind of message, for example <c>text</c>.</summary>
    public required string MessageType { get; init; }

    /// <summary>References to what was attached.</summary>
    public required string[] Attachments { get; init; }

    /// <summary>When it was written: what the sender's client said, but never later than its arrival. The order of conversations.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How far it has come.</summary>
    public MessageStatus Status { get; init; } = MessageStatus.Pending;

    /// <summary>When it was handed over.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When a device of the recipient had it.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When the recipient read it.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Why it could not be delivered.</summary>
    public string? FailureReason { get; init; }
}
