using System.Globalization;
using System.Text;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// Writes contents as <c>tsvector</c> and queries as <c>tsquery</c>. Words are letters and digits only, so that in quotes nothing of them has a meaning
/// there. The words as written stand behind a '=' to tell them from stems, at the same places.
/// </summary>
internal static class TextSearch
{
    public static string Vector(string content)
    {
        var words = Words.Of(content);
        var places = new Dictionary<string, List<int>>(words.Count * 2);
        for (var i = 0; i < words.Count; i++)
        {
            Add(words[i].Stem, i + 1);
            Add($"={words[i].Text}", i + 1);
        }

        var vector = new StringBuilder();
        foreach (var (word, at) in places)
        {
            vector.Append('\'').Append(word).Append("':").AppendJoin(',', at).Append(' ');
        }

        return vector.ToString();

        void Add(string word, int place)
        {
            if (!places.TryGetValue(word, out var at))
            {
                places.Add(word, at = []);
            }

            at.Add(place);
        }
    }

    public static string Query(SearchQuery query) =>
        string.Join(" & ", query.Wanted.Select(term => $"({Query(term)})").Concat(query.Excluded.Select(term => $"!({Query(term)})")));

    private static string Query(SearchTerm term) => term.IsPrefix
        ? string.Create(CultureInfo.InvariantCulture, $"{string.Join(" <-> ", term.Words.Select(word => $"'={word}'"))}:*")
        : string.Join(" <-> ", term.Stems.Select(stem => $"'{stem}'"));
}
