using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>A message as it is stored, once, however many members its conversation has. What was said never changes; how far it came is in its copies.</summary>
internal sealed class Message
{
    /// <summary>The id its sender's client chose.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid SenderId { get; init; }

    /// <summary>Whom it names as its recipient; null when it is for all members of its conversation, without a name.</summary>
    public required Guid? RecipientId { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>What was said; the cipher text where <see cref="Encrypted"/>.</summary>
    public required string Content { get; init; }

    /// <summary>Whether <see cref="Content"/> is a cipher text.</summary>
    public required bool Encrypted { get; init; }

    /// <summary>What kind of message, for example <c>text</c>.</summary>
    public required string MessageType { get; init; }

    /// <summary>The ids of what was attached.</summary>
    public required string[] Attachments { get; init; }

    /// <summary>When it was written, as the sender's client says, but never later than its arrival. Shown, and trusted for nothing.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When this service took it. The order of conversations, and what retention goes by.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>How far it has come with all its recipients: with the last of them; failed when it failed for each.</summary>
    public MessageStatus Status { get; init; } = MessageStatus.Pending;

    /// <summary>When it was handed over.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When every recipient had it.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When every recipient had read it.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Why it could not be delivered.</summary>
    public string? FailureReason { get; init; }

    /// <summary>This message, with what its recipients' copies say.</summary>
    /// <param name="copies">All of its copies, or that of one member.</param>
    public Message With(IEnumerable<MessageCopy> copies)
    {
        var recipients = copies.Where(copy => !copy.IsOwn).ToArray();
        var alive = recipients.Where(copy => copy.Status != MessageStatus.Failed).ToArray();
        var status = alive.Length > 0 ? alive.Min(copy => copy.Status) : recipients.Length > 0 ? MessageStatus.Failed : Status;
        return new Message
        {
            Id = Id,
            SenderId = SenderId,
            RecipientId = RecipientId,
            ConversationId = ConversationId,
            Content = Content,
            Encrypted = Encrypted,
            MessageType = MessageType,
            Attachments = Attachments,
            CreatedAt = CreatedAt,
            ReceivedAt = ReceivedAt,
            Status = status,
            SentAt = recipients.Length > 0 ? recipients.Max(copy => copy.SentAt) : SentAt,
            DeliveredAt = status is MessageStatus.Delivered or MessageStatus.Read ? alive.Max(copy => copy.DeliveredAt) : null,
            ReadAt = status == MessageStatus.Read ? alive.Max(copy => copy.ReadAt) : null,
            FailureReason = status == MessageStatus.Failed ? recipients.Select(copy => copy.FailureReason).FirstOrDefault(reason => reason is not null) : null,
        };
    }
}
