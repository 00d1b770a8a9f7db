namespace WhiteCross.MessageIndexing;

/// <summary>A search: what, for whom, and where.</summary>
/// <param name="Query">What is searched for.</param>
/// <param name="UserId">Who searches: only messages that this user sent or received are found.</param>
/// <param name="Limit">The most messages to return.</param>
public sealed record SearchRequest(SearchQuery Query, Guid UserId, int Limit)
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

/// <summary>A page of what was found, best first; among equals the newest first.</summary>
/// <param name="Hits">What was found.</param>
/// <param name="HasMore">Whether there is another page.</param>
public sealed record SearchPage(IReadOnlyList<SearchHit> Hits, bool HasMore)
{
    /// <summary>The page that one hit too many was looked up for, to see whether there is another page.</summary>
    internal static SearchPage Of(List<SearchHit> hits, int limit) => new(hits.Count > limit ? hits[..limit] : hits, hits.Count > limit);
}

/// <summary>A message that was found.</summary>
/// <param name="Message">The message as it is indexed.</param>
/// <param name="Score">How well it matches: more is better; comparable within one search only.</param>
public sealed record SearchHit(IndexedMessage Message, double Score);
