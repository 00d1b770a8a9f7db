namespace WhiteCross.MessageIndexing;

/// <summary>The messages that the index is made from.</summary>
internal interface IMessageSource
{
    /// <summary>A page of the messages that are to be indexed, in the order of their ids.</summary>
    /// <param name="cursor">Where it begins; null for the beginning.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">The source is away.</exception>
    Task<SourcePage> ReadAsync(Guid? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Which of some messages are not to be indexed: they are gone, or deleted, or encrypted.</summary>
    /// <param name="messageIds">The messages.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">The source is away.</exception>
    Task<IReadOnlySet<Guid>> MissingAsync(IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken);
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="NextCursor">Where the next page begins; null when there is none.</param>
/// <param name="Total">How many there are in all.</param>
internal sealed record SourcePage(IReadOnlyList<SourceMessage> Messages, Guid? NextCursor, long Total);

/// <summary>A message as it is to be indexed.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Content">What it says.</param>
/// <param name="SenderId">Who sent it.</param>
/// <param name="RecipientId">Whom it names.</param>
/// <param name="MemberIds">Who has it beside these two; null in a conversation of two.</param>
/// <param name="ConversationId">Its conversation.</param>
/// <param name="ReceivedAt">When it came.</param>
internal sealed record SourceMessage(
    Guid MessageId, string Content, Guid SenderId, Guid? RecipientId, IReadOnlyList<Guid>? MemberIds, Guid ConversationId, DateTimeOffset ReceivedAt)
{
    /// <summary>Says which message, and nothing of what it says.</summary>
    public override string ToString() => $"Message {MessageId}";
}
