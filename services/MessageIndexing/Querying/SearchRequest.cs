namespace WhiteCross.MessageIndexing;

/// <summary>A search: what, for whom, and where.</summary>
/// <param name="Query">What is searched for.</param>
/// <param name="UserId">Who searches: only messages that this user sent or received are found.</param>
/// <param name="Limit">The most messages to return.</param>
internal sealed record SearchRequest(SearchQuery Query, Guid UserId, int Limit)
{
    /// <summary>Only in this conversation.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>Only at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only at this time or earlier.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The newest first, however well they match; otherwise the best first.</summary>
    public bool ByTime { get; init; }

    /// <summary>Only what comes behind this in the order of the results; null for the first page.</summary>
    public SearchCursor? After { get; init; }
}
