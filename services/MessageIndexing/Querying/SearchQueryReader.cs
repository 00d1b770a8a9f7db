using System.Diagnostics.CodeAnalysis;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// Reads queries: <c>fever "blood test" medicat* -urgent</c>. Words in any form, phrases in quotes, beginnings of words (or of a phrase's last word) with
/// <c>*</c>, exclusions with <c>-</c>; all of them must hold. What is neither letter nor digit separates: <c>follow-up</c> is the phrase
/// <c>"follow up"</c>.
/// </summary>
internal static class SearchQueryReader
{
    /// <summary>The most characters of a query.</summary>
    public const int MaxLength = 500;

    /// <summary>The most terms of a query.</summary>
    public const int MaxTerms = 32;

    /// <summary>Reads a query.</summary>
    /// <param name="text">What the user typed.</param>
    /// <param name="query">The query.</param>
    /// <param name="error">What is wrong with it, and the way out.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out SearchQuery? query, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);

        query = null;
        error = text.Length > MaxLength ? $"must have at most {MaxLength} characters." : null;
        var (wanted, excluded) = (new List<SearchTerm>(), new List<SearchTerm>());
        var rest = text.AsSpan().TrimStart();
        while (error is null && !rest.IsEmpty)
        {
            var isExcluded = rest[0] == '-';
            rest = isExcluded ? rest[1..] : rest;
            error = ReadTerm(ref rest, isExcluded ? excluded : wanted);
            rest = rest.TrimStart();
        }

        error ??= wanted.Count + excluded.Count > MaxTerms ? $"must have at most {MaxTerms} words and phrases."
            : wanted.Count > 0 ? null
            : excluded.Count > 0 ? "only excludes; add at least one word to search for."
            : "has no word to search for; a word is made of letters and digits.";
        query = error is null ? new SearchQuery(wanted, excluded) : null;
        return error is null;
    }

    private static string? ReadTerm(ref ReadOnlySpan<char> rest, List<SearchTerm> terms)
    {
        ReadOnlySpan<char> text;
        if (rest.StartsWith('"'))
        {
            var end = rest[1..].IndexOf('"');
            if (end < 0)
            {
                return "has a quote that is not closed; close it, or leave it out.";
            }

            text = rest.Slice(1, end);
            rest = rest[(end + 2)..];
        }
        else
        {
            var end = 0;
            while (end < rest.Length && !char.IsWhiteSpace(rest[end]) && rest[end] is not ('"' or '*'))
            {
                end++;
            }

            if (end == 0)
            {
                return rest.StartsWith('*')
                    ? "has a * without the beginning of a word directly before it."
                    : "has a - without a word or a phrase directly after it.";
            }

            text = rest[..end];
            rest = rest[end..];
        }

        var isPrefix = rest.StartsWith('*');
        rest = isPrefix ? rest[1..] : rest;
        if (isPrefix && !rest.IsEmpty && !char.IsWhiteSpace(rest[0]))
        {
            return "has a * inside a word; it stands only at the end of one.";
        }

        var words = Words.Of(text);
        if (isPrefix && (words.Count == 0 || words[^1].End != text.Length))
        {
            return "has a * without the beginning of a word directly before it.";
        }

        if (words.Count > 0)
        {
            terms.Add(new SearchTerm([.. words.Select(word => word.Text)], isPrefix));
        }

        return null;
    }
}
