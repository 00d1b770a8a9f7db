using System.Text;

namespace WhiteCross.Reference;

/// <summary>The pages of docs/reference, made from the code.</summary>
public static class ReferencePages
{
    private const string Folder = "docs/reference/";

    /// <summary>Makes all pages, and the API's description that the gateway serves.</summary>
    /// <param name="repository">The repository's folder.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>A file's text by its path in the repository.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> RenderAsync(string repository, CancellationToken cancellationToken)
    {
        var sources = Sources.Read(repository);
        await using var system = await DescribedSystem.StartAsync(cancellationToken);
        return new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Folder + "README.md"] = Page("Reference", """
                - [Job types](job-types.md): fields, rules, an example, what each does and answers
                - [Settings](settings.md) of every service: default, range, meaning, and how to give them
                - [Metrics](metrics.md) at `/metrics`
                - [Errors](errors.md): problem types of the API, and error codes of jobs
                """),
            [Folder + "job-types.md"] = Page("Job types", JobTypesPage.Render(sources)),
            [Folder + "settings.md"] = Page("Settings", SettingsPage.Render(sources, system)),
            [Folder + "metrics.md"] = Page("Metrics", MetricsPage.Render(system)),
            [Folder + "errors.md"] = Page("Errors", ErrorsPage.Render(sources)),
            ["services/Gateway/Description/openapi.json"] = await ApiDocument.RenderAsync(sources, system, cancellationToken),
        };
    }

    /// <summary>A row of a table; bars and line ends in cells are made harmless.</summary>
    internal static string Row(params IEnumerable<string?> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => (cell ?? string.Empty).Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ")))} |";

    internal static void AddTable(StringBuilder page, string[] heads, IEnumerable<string?[]> rows)
    {
        page.AppendLine(Row(heads)).AppendLine(Row(heads.Select(_ => "---")));
        foreach (var row in rows)
        {
            page.AppendLine(Row(row));
        }

        page.AppendLine();
    }

    private static string Page(string title, string text) => string.Join('\n',
        $"# {title}\n\n<!-- Made from the code by `dotnet run --project src/WhiteCross.Reference`; a test holds it against the code. -->\n\n{text.TrimEnd()}\n".Split('\n').Select(line => line.TrimEnd()));
}
