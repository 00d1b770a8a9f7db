namespace WhiteCross.MessageIndexing;

/// <summary>Writes a query in FTS5's language. Words are letters and digits only, so that in quotes nothing of them has a meaning there.</summary>
internal static class FtsQuery
{
    public static string Of(SearchQuery query)
    {
        var wanted = string.Join(" AND ", query.Wanted.Select(Of));
        return query.Excluded.Count == 0 ? wanted : $"({wanted}) NOT ({string.Join(" OR ", query.Excluded.Select(Of))})";
    }

    private static string Of(SearchTerm term) =>
        term.IsPrefix ? $"words : \"{string.Join(' ', term.Words)}\" *" : $"stems : \"{string.Join(' ', term.Stems)}\"";
}
