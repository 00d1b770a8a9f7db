namespace WhiteCross.MessageIndexing;

/// <summary>A page of what was found, best first; among equals the newest first.</summary>
/// <param name="Hits">What was found.</param>
/// <param name="HasMore">Whether there is another page.</param>
internal sealed record SearchPage(IReadOnlyList<SearchHit> Hits, bool HasMore)
{
    /// <summary>The page that one hit too many was looked up for, to see whether there is another page.</summary>
    internal static SearchPage Of(List<SearchHit> hits, int limit) => new(hits.Count > limit ? hits[..limit] : hits, hits.Count > limit);
}

/// <summary>A message that was found.</summary>
/// <param name="Message">The message as it is indexed.</param>
/// <param name="Score">How well it matches: more is better; comparable within one search only.</param>
internal sealed record SearchHit(IndexedMessage Message, double Score);
