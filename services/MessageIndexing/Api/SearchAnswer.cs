namespace WhiteCross.MessageIndexing;

/// <summary>A page of what a search found: the best first, among equals the newest.</summary>
/// <param name="Results">What was found.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
public sealed record SearchAnswer(IReadOnlyList<SearchResult> Results, string? NextCursor);

/// <summary>A message that was found.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="ConversationId">Its conversation, if known.</param>
/// <param name="SenderId">Who sent it.</param>
/// <param name="RecipientId">Who got it.</param>
/// <param name="MessageTimestamp">When it was sent; when it was indexed, where nobody said.</param>
/// <param name="Snippet">The part of it that matches, as HTML: matches in <c>&lt;mark&gt;</c>, everything else escaped.</param>
/// <param name="Score">How well it matches: more is better; comparable within one search only.</param>
public sealed record SearchResult(
    Guid MessageId, Guid? ConversationId, Guid? SenderId, Guid? RecipientId, DateTimeOffset MessageTimestamp, string Snippet, double Score)
{
    /// <summary>Says which message, and nothing of what it says.</summary>
    public override string ToString() => $"Result {MessageId}";

    internal static SearchResult Of(SearchHit hit, SearchQuery query) => new(
        hit.Message.Id, hit.Message.ConversationId, hit.Message.SenderId, hit.Message.RecipientId, hit.Message.SentAt,
        Snippet: MessageIndexing.Snippet.Of(hit.Message.Content ?? "", query), hit.Score);
}
