using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>A message as users see it, by HTTP and by the hub.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="SenderId">Who wrote it.</param>
/// <param name="RecipientId">Whom it names; null when it is for all members of its conversation.</param>
/// <param name="ConversationId">Its conversation.</param>
/// <param name="Content">What was said; the cipher text where <paramref name="Encrypted"/>.</param>
/// <param name="Encrypted">Whether it is stored encrypted.</param>
/// <param name="MessageType">What kind of message.</param>
/// <param name="Attachments">The ids of what was attached.</param>
/// <param name="Status">To a recipient, how far it came with them; to its sender, how far with the last of its recipients.</param>
/// <param name="CreatedAt">When it was written, as its sender's device says.</param>
/// <param name="ReceivedAt">When it came to this system: the order of messages.</param>
/// <param name="SentAt">When it was handed over.</param>
/// <param name="DeliveredAt">When it was delivered.</param>
/// <param name="ReadAt">When it was read.</param>
/// <param name="FailureReason">Why it could not be delivered.</param>
/// <param name="Recipients">To its sender, how far it came with each recipient.</param>
/// <param name="Position">Its place in the reader's inbox, by which a device that comes back says what it has.</param>
internal sealed record MessageView(
    Guid MessageId,
    Guid SenderId,
    Guid? RecipientId,
    Guid ConversationId,
    string Content,
    bool Encrypted,
    string MessageType,
    IReadOnlyList<string> Attachments,
    MessageStatus Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset ReceivedAt,
    DateTimeOffset? SentAt,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? ReadAt,
    string? FailureReason,
    IReadOnlyList<RecipientStatus> Recipients,
    long? Position)
{
    /// <summary>The view of a stored message.</summary>
    /// <param name="read">The message, as somebody may see it.</param>
    public static MessageView Of(ReadMessage read)
    {
        ArgumentNullException.ThrowIfNull(read);

        var message = read.Message;
        return new MessageView(
            message.Id, message.SenderId, message.RecipientId, message.ConversationId, message.Content, message.Encrypted, message.MessageType,
            message.Attachments, message.Status, message.CreatedAt, message.ReceivedAt, message.SentAt, message.DeliveredAt, message.ReadAt, message.FailureReason,
            [.. read.Recipients.OrderBy(copy => copy.UserId).Select(copy => new RecipientStatus(copy.UserId, copy.Status, copy.DeliveredAt, copy.ReadAt))],
            read.Position);
    }

    /// <summary>Says which message, and nothing of what it says: whatever prints this by mistake gives nothing away.</summary>
    public override string ToString() => $"Message {MessageId} ({Status})";
}

/// <summary>How far a message came with a recipient.</summary>
/// <param name="UserId">The recipient.</param>
/// <param name="Status">How far.</param>
/// <param name="DeliveredAt">When a device had it.</param>
/// <param name="ReadAt">When it was read.</param>
internal sealed record RecipientStatus(Guid UserId, MessageStatus Status, DateTimeOffset? DeliveredAt, DateTimeOffset? ReadAt);

/// <summary>A page of messages, newest first; oldest first where what came after a position was asked for.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
internal sealed record MessagePage(IReadOnlyList<MessageView> Messages, string? NextCursor);
