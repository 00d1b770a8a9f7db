using System.Text.RegularExpressions;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Deploy.Tests;

/// <summary>What the documents name is there: settings, files, headings, projects, and commands of wc.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Numbers = ["three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    public static TheoryData<string> Documents => [.. Repository.FilesUnder("docs").Where(file => file.EndsWith(".md", StringComparison.Ordinal)).Select(file => $"docs/{file}").Append("README.md").Append("CONTRIBUTING.md").Append("SECURITY.md")];

    public static TheoryData<string> SetUpPages => [.. Repository.FilesUnder("docs/setup").Select(file => $"docs/setup/{file}")];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(document))!;
        foreach (var target in Link().Matches(Repository.Read(document)).Select(link => link.Groups[1].Value).Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)))
        {
            var parts = target.Split('#');
            var file = parts[0].Length == 0 ? Repository.PathOf(document) : Path.Combine(folder, parts[0]);
            Assert.True(File.Exists(file) || Directory.Exists(file), $"{document} leads to {target}, which is not there.");
            if (parts.Length == 2 && file.EndsWith(".md", StringComparison.Ordinal))
            {
                Assert.True(Anchors(file).Contains(parts[1]), $"{document} leads to {target}; that page has no such heading.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(SetUpPages))]
    public void A_set_up_page_names_settings_that_exist(string page)
    {
        var named = SettingsReference.NamedIn(Repository.Read(page)).ToList();

        Assert.True(named.Count >= 3, $"{page} names {named.Count} settings.");
        Assert.All(named, name => Assert.True(SettingsReference.Has(name), $"{page} names {name}, which is no setting."));
    }

    [Fact]
    public void The_documents_name_every_project_and_are_all_reached_from_the_readme()
    {
        var architecture = Repository.Read("docs/architecture.md");
        var projects = Directory.EnumerateDirectories(Repository.PathOf("src")).Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any()).Select(folder => $"src/{Path.GetFileName(folder)}");
        Assert.All(projects, project => Assert.Contains($"`{project}`", architecture, StringComparison.Ordinal));

        var (reached, ahead) = (new HashSet<string>(StringComparer.Ordinal), new Queue<string>(["README.md"]));
        while (ahead.TryDequeue(out var document))
        {
            if (reached.Add(document) && document.EndsWith(".md", StringComparison.Ordinal) && File.Exists(Repository.PathOf(document)))
            {
                foreach (var target in Link().Matches(Repository.Read(document)).Select(link => link.Groups[1].Value.Split('#')[0]).Where(target => target.Length > 0 && !target.Contains(':', StringComparison.Ordinal)))
                {
                    ahead.Enqueue(Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.PathOf(document))!, target))).Replace('\\', '/'));
                }
            }
        }

        Assert.All(Repository.FilesUnder("docs").Where(file => file.EndsWith(".md", StringComparison.Ordinal)), file => Assert.Contains($"docs/{file}", reached));
    }

    [Fact]
    public void What_runs_names_every_queue_with_its_job_types()
    {
        var rows = Rows("README.md");
        Assert.All(JobQueues.All, queue => Assert.True(
            rows.Any(row => row[0] == queue.Name && queue.JobTypes.All(type => row.Any(cell => cell.Contains($"`{type}`", StringComparison.Ordinal)))),
            $"README.md, What runs, has no row of {queue.Name} with {string.Join(", ", queue.JobTypes)}."));
    }

    [Fact]
    public void Who_may_do_what_is_told_as_it_is_for_every_app()
    {
        var rows = Rows("docs/deploy.md").Where(row => row.Length == 3).ToLookup(row => row[0]);
        foreach (var app in Apps.Ids)
        {
            var publishes = app == Apps.Gateway ? ["all queues"] : Apps.PublishesTo(app).Select(queue => queue == app ? "its own" : queue);
            var (callers, topics) = (Listed(Apps.CallersOf.GetValueOrDefault(app, ["nobody"])), Listed(publishes));
            Assert.True(
                rows[$"`{app}`"].Any(row => (Listed(row[1].Split(", ")), Listed(row[2].Split(", "))) == (callers, topics)),
                $"docs/deploy.md, Who may do what, has no row that says: {app} may be invoked by {callers}, and publishes jobs of {topics}.");
        }

        static string Listed(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Queues_are_counted_rightly(string document) => Assert.All(CountOfQueues().Matches(Repository.Read(document)), count => Assert.True(
        Array.FindIndex(Numbers, number => number.Equals(count.Groups[1].Value, StringComparison.OrdinalIgnoreCase)) + 3 == JobQueues.All.Count,
        $"{document} says {count.Value}; there are {JobQueues.All.Count}."));

    [Fact]
    public async Task A_release_has_the_notes_of_the_changelog_and_is_none_without()
    {
        var unreleased = await Shell.RunAsync("bash", ["deploy/changelog.sh", "vUnreleased"], TestContext.Current.CancellationToken);

        Assert.StartsWith("### ", unreleased.TrimStart(), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Shell.RunAsync("bash", ["deploy/changelog.sh", "v99.0.0"], TestContext.Current.CancellationToken));
        Assert.Contains("'## 99.0.0'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("deploy/changelog.sh \"$TAG\"", Repository.Read(".github/workflows/release.yml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_package_has_a_readme()
    {
        var packable = Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories).Where(file => File.ReadAllText(file).Contains("<IsPackable>true", StringComparison.Ordinal)).ToList();

        Assert.True(packable.Count >= 8);
        Assert.All(packable, project => Assert.StartsWith($"# {Path.GetFileNameWithoutExtension(project)}\n", File.ReadAllText(Path.Combine(Path.GetDirectoryName(project)!, "README.md")), StringComparison.Ordinal));
    }

    private static List<string[]> Rows(string document) =>
        [.. Repository.Read(document).Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries))];

    // As GitHub makes them.
    private static HashSet<string> Anchors(string file)
    {
        var (anchors, isCode) = (new HashSet<string>(StringComparer.Ordinal), false);
        foreach (var line in File.ReadLines(file))
        {
            isCode ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (!isCode && Heading().Match(line) is { Success: true } heading)
            {
                var text = LinkText().Replace(heading.Groups[1].Value, "$1");
                anchors.Add(NotInAnchor().Replace(text.ToLowerInvariant(), string.Empty).Replace(' ', '-'));
            }
        }

        return anchors;
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\b(three|four|five|six|seven|eight|nine|ten|eleven|twelve) queues\b", RegexOptions.IgnoreCase)]
    private static partial Regex CountOfQueues();

    [GeneratedRegex(@"^#+ (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();
}
