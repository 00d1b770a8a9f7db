namespace WhiteCross.MessageIndexing;

/// <summary>A message in the index; or, without content, the trace of one that was deleted, so that a late event does not bring it back.</summary>
/// <param name="Id">The message.</param>
/// <param name="Version">From when on this holds.</param>
/// <param name="EventAt">When the event that said so was made.</param>
internal sealed record IndexedMessage(Guid Id, DateTimeOffset Version, DateTimeOffset EventAt)
{
    /// <summary>What it says; null when it was deleted.</summary>
    public string? Content { get; init; }

    /// <summary>Who sent it.</summary>
    public Guid? SenderId { get; init; }

    /// <summary>Who got it.</summary>
    public Guid? RecipientId { get; init; }

    /// <summary>Who has it beside these two: their ids with commas between; null in a conversation of two.</summary>
    public string? Members { get; init; }

    /// <summary>Its conversation.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>When it was sent, if that was said.</summary>
    public DateTimeOffset? MessageTimestamp { get; init; }

    /// <summary>When it was sent; the time of its event where that was not said.</summary>
    public DateTimeOffset SentAt => MessageTimestamp ?? Version;

    /// <summary>What an event makes of a message. The newest event decides; an older one only adds what the newer ones left open.</summary>
    /// <param name="before">The message before; null when the index does not know it.</param>
    /// <param name="happened">The event.</param>
    public static IndexedMessage After(IndexedMessage? before, IndexEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);

        var said = new IndexedMessage(happened.MessageId, happened.Version, happened.CreatedAt);
        if (!happened.IsDelete)
        {
            said = said with
            {
                Content = happened.Content,
                SenderId = happened.SenderId,
                RecipientId = happened.RecipientId,
                Members = happened.Members,
                ConversationId = happened.ConversationId,
                MessageTimestamp = happened.MessageTimestamp,
            };
        }

        if (before is null)
        {
            return said;
        }

        if (IsNewer(said, before))
        {
            return happened.IsDelete ? said : said.FilledFrom(before);
        }

        return before.Content is null || happened.IsDelete ? before : before.FilledFrom(said);
    }

    /// <summary>Says which message, and nothing of what it says.</summary>
    public override string ToString() => $"Indexed message {Id}";

    private static bool IsNewer(IndexedMessage said, IndexedMessage before)
    {
        // Who gives another time with each change means it as the version.
        if (said.MessageTimestamp is { } time && before.MessageTimestamp is { } timeBefore && time != timeBefore)
        {
            return time > timeBefore;
        }

        var order = (said.Version, said.EventAt).CompareTo((before.Version, before.EventAt));
        return order > 0 || (order == 0 && (said.Content is null || before.Content is not null));
    }

    private IndexedMessage FilledFrom(IndexedMessage other) => this with
    {
        SenderId = SenderId ?? other.SenderId,
        RecipientId = RecipientId ?? other.RecipientId,
        Members = Members ?? other.Members,
        ConversationId = ConversationId ?? other.ConversationId,
        MessageTimestamp = MessageTimestamp ?? other.MessageTimestamp,
    };
}
