using System.Text.Json.Serialization;

namespace WhiteCross.MessageIndexing;

/// <summary>A page of what a search found: the best first, among equals the newest.</summary>
/// <param name="Results">What was found.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
/// <param name="Facets">Where it lies; only where it was asked for.</param>
internal sealed record SearchAnswer(
    IReadOnlyList<SearchResult> Results, string? NextCursor, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SearchFacets? Facets = null);

/// <summary>Where what was found lies: all of it that the user may read, not the page only.</summary>
/// <param name="Conversations">By conversation, those with the most first; at most 20.</param>
/// <param name="Senders">By sender, those with the most first; at most 20.</param>
/// <param name="IsPart">Whether more was found than was counted: then the numbers are those of the best 1,000.</param>
internal sealed record SearchFacets(IReadOnlyList<SearchFacet> Conversations, IReadOnlyList<SearchFacet> Senders, bool IsPart)
{
    /// <summary>How many are kept of each kind.</summary>
    internal const int Most = 20;

    internal static SearchFacets Of(IReadOnlyCollection<IndexedMessage> messages, bool isPart) =>
        new(Count(messages.Select(message => message.ConversationId)), Count(messages.Select(message => message.SenderId)), isPart);

    private static SearchFacet[] Count(IEnumerable<Guid?> ids) =>
        [.. ids.OfType<Guid>().CountBy(id => id).OrderByDescending(one => one.Value).ThenBy(one => one.Key).Take(Most).Select(one => new SearchFacet(one.Key, one.Value))];
}

/// <summary>How much was found in one place.</summary>
/// <param name="Id">The conversation, or the sender.</param>
/// <param name="Count">How many.</param>
internal sealed record SearchFacet(Guid Id, int Count);

/// <summary>A message that was found.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="ConversationId">Its conversation, if known.</param>
/// <param name="SenderId">Who sent it.</param>
/// <param name="RecipientId">Who got it.</param>
/// <param name="MessageTimestamp">When it was sent; when it was indexed, where nobody said.</param>
/// <param name="Snippet">The part of it that matches, as HTML: matches in <c>&lt;mark&gt;</c>, everything else escaped.</param>
/// <param name="Score">How well it matches: more is better; comparable within one search only.</param>
internal sealed record SearchResult(
    Guid MessageId, Guid? ConversationId, Guid? SenderId, Guid? RecipientId, DateTimeOffset MessageTimestamp, string Snippet, double Score)
{
    /// <summary>Says which message, and nothing of what it says.</summary>
    public override string ToString() => $"Result {MessageId}";

    internal static SearchResult Of(SearchHit hit, SearchQuery query) => new(
        hit.Message.Id, hit.Message.ConversationId, hit.Message.SenderId, hit.Message.RecipientId, hit.Message.SentAt,
        Snippet: MessageIndexing.Snippet.Of(hit.Message.Content ?? "", query), hit.Score);
}
