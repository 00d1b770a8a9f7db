using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageIndexing;

/// <summary>Something that happened to a message.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Operation">What happened.</param>
/// <param name="CreatedAt">When it happened.</param>
internal sealed record IndexEvent(Guid MessageId, IndexOperation Operation, DateTimeOffset CreatedAt)
{
    /// <summary>What the message says then; null when it was deleted.</summary>
    public string? Content { get; init; }

    /// <summary>Who sent it; null when the event does not say.</summary>
    public Guid? SenderId { get; init; }

    /// <summary>Who got it; null when the event does not say.</summary>
    public Guid? RecipientId { get; init; }

    /// <summary>Who has it beside these two, in a conversation of several members: their ids with commas between.</summary>
    public string? Members { get; init; }

    /// <summary>Its conversation; null when the event does not say.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>When it was sent; null when the event does not say.</summary>
    public DateTimeOffset? MessageTimestamp { get; init; }

    /// <summary>Whether the message was deleted.</summary>
    public bool IsDelete => Operation == IndexOperation.Delete;

    /// <summary>
    /// From when on what it says was true. What is indexed was said when the message was sent, however late the event was made; changes and deletes
    /// hold from when they were made.
    /// </summary>
    public DateTimeOffset Version => Operation == IndexOperation.Index && MessageTimestamp < CreatedAt ? MessageTimestamp.Value : CreatedAt;

    /// <summary>Says what happened to which message, and nothing of what it says.</summary>
    public override string ToString() => $"{Operation} of message {MessageId}";
}

/// <summary>What an event did to the index.</summary>
internal enum IndexEffect
{
    /// <summary>Nothing: it was there already, or something newer was.</summary>
    None,

    /// <summary>The message is indexed as the event says, or what was not known of it was added.</summary>
    Written,

    /// <summary>The message was indexed and is no longer.</summary>
    Removed,
}
