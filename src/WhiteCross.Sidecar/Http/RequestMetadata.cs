using WhiteCross.Sidecar.PubSub;

namespace WhiteCross.Sidecar.Http;

/// <summary>Metadata of a request: query parameters <c>metadata.&lt;key&gt;</c>.</summary>
internal static class RequestMetadata
{
    private const string Prefix = "metadata.";

    public static IReadOnlyDictionary<string, string> Of(IQueryCollection query)
    {
        if (query.Count == 0)
        {
            return StreamEntry.NoMetadata;
        }

        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in query)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                metadata[name[Prefix.Length..]] = value.ToString();
            }
        }

        return metadata;
    }
}
