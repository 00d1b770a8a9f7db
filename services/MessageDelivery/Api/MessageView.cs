using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>A message as users see it, by HTTP and by the hub.</summary>
public sealed record MessageView(
    Guid MessageId,
    Guid SenderId,
    Guid RecipientId,
    Guid ConversationId,
    string Content,
    bool Encrypted,
    string MessageType,
    IReadOnlyList<string> Attachments,
    MessageStatus Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? SentAt,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? ReadAt,
    string? FailureReason)
{
    /// <summary>The view of a stored message.</summary>
    /// <param name="message">The message.</param>
    public static MessageView Of(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);

        return new MessageView(
            message.Id, message.SenderId, message.RecipientId, message.ConversationId, message.Content, message.Encrypted, message.MessageType,
            message.Attachments, message.Status, message.CreatedAt, message.SentAt, message.DeliveredAt, message.ReadAt, message.FailureReason);
    }

    /// <summary>Says which message, and nothing of what it says: whatever prints this by mistake gives nothing away.</summary>
    public override string ToString() => $"Message {MessageId} ({Status})";
}

/// <summary>A page of messages, newest first.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
public sealed record MessagePage(IReadOnlyList<MessageView> Messages, string? NextCursor);
