using System.Text;

namespace WhiteCross.MessageIndexing;

/// <summary>Shows where a message matches: a part of it as HTML, in which matches are marked and everything else is escaped.</summary>
internal static class Snippet
{
    private const int Length = 200;
    private const int Before = 60;

    /// <summary>Makes the snippet.</summary>
    /// <param name="content">The message.</param>
    /// <param name="query">What it was found by.</param>
    /// <returns>About 200 characters of the message, with <c>…</c> where something was left out.</returns>
    public static string Of(string content, SearchQuery query)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(query);

        var words = Words.Of(content);
        var matches = FindMatches(words, query);
        var (start, end) = Window(content, words, matches);

        var html = new StringBuilder(Length * 2);
        html.Append(start > 0 ? "…" : "");
        var position = start;
        foreach (var (from, to) in matches.Where(match => match.Start >= start && match.End <= end))
        {
            Escape(content.AsSpan(position, from - position), html);
            html.Append("<mark>");
            Escape(content.AsSpan(from, to - from), html);
            html.Append("</mark>");
            position = to;
        }

        Escape(content.AsSpan(position, end - position), html);
        return html.Append(end < content.Length ? "…" : "").ToString();
    }

    /// <summary>The places of what the query asks for, in order; none overlaps another.</summary>
    private static List<(int Start, int End)> FindMatches(IReadOnlyList<Word> words, SearchQuery query)
    {
        var stems = words.Select(word => word.Stem).ToArray();
        var matches = new List<(int Start, int End)>();
        for (var i = 0; i < words.Count; i++)
        {
            var length = query.Wanted.Where(term => Matches(term, words, stems, i)).Select(term => term.Words.Count).DefaultIfEmpty().Max();
            if (length > 0)
            {
                matches.Add((words[i].Start, words[i + length - 1].End));
                i += length - 1;
            }
        }

        return matches;
    }

    private static bool Matches(SearchTerm term, IReadOnlyList<Word> words, string[] stems, int at)
    {
        if (at + term.Words.Count > words.Count)
        {
            return false;
        }

        var last = term.Words.Count - 1;
        for (var i = 0; i <= last; i++)
        {
            var matches = !term.IsPrefix ? stems[at + i] == term.Stems[i]
                : i < last ? words[at + i].Text == term.Words[i]
                : words[at + i].Text.StartsWith(term.Words[i], StringComparison.Ordinal);
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The part with the most matches, whole words of it; a match longer than a snippet is shown whole.</summary>
    private static (int Start, int End) Window(string content, IReadOnlyList<Word> words, List<(int Start, int End)> matches)
    {
        if (content.Length <= Length)
        {
            return (0, content.Length);
        }

        var (first, most) = (0, 0);
        for (int i = 0, j = 0; i < matches.Count; i++)
        {
            while (j < matches.Count && matches[j].End - matches[i].Start <= Length - Before)
            {
                j++;
            }

            (first, most) = j - i > most ? (i, j - i) : (first, most);
        }

        var (matchStart, matchEnd) = matches.Count > 0 ? matches[first] : (0, 0);
        var start = Math.Max(0, matchStart - Before);
        var end = Math.Max(start + Length, matchEnd);
        if (end >= content.Length)
        {
            end = content.Length;
            start = Math.Max(0, Math.Min(matchStart, end - Length));
        }

        return (start == 0 ? 0 : StartOfWord(words, start, matchStart), end == content.Length ? end : EndOfWord(words, end, matchEnd));
    }

    private static int StartOfWord(IReadOnlyList<Word> words, int start, int limit) =>
        words.Select(word => word.Start).Where(place => place >= start && place <= limit).DefaultIfEmpty(limit).First();

    private static int EndOfWord(IReadOnlyList<Word> words, int end, int limit) =>
        words.Select(word => word.End).Where(place => place <= end && place >= limit).DefaultIfEmpty(Math.Max(limit, 0)).Last();

    private static void Escape(ReadOnlySpan<char> text, StringBuilder html)
    {
        foreach (var character in text)
        {
            _ = character switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                _ => html.Append(char.IsControl(character) ? ' ' : character),
            };
        }
    }
}
