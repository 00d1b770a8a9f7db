using System.Text;
using System.Text.RegularExpressions;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Reference;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>docs/reference, and the API's description that the gateway serves, say what the code says.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string Repository = FindRepository();

    [Fact]
    public async Task The_pages_are_what_the_code_makes_of_them()
    {
        foreach (var (name, text) in await ReferencePages.RenderAsync(Repository, Jobs.Cancellation))
        {
            var path = Path.Combine(Repository, name);
            Assert.True(
                File.Exists(path) && (await File.ReadAllTextAsync(path, Jobs.Cancellation)).ReplaceLineEndings("\n") == text.ReplaceLineEndings("\n"),
                $"{name} is not what the code makes of it. Run: dotnet run --project src/WhiteCross.Reference");
        }
    }

    [Fact]
    public void Every_example_is_a_valid_job()
    {
        foreach (var queue in JobQueues.All)
        {
            foreach (var type in queue.JobTypes)
            {
                var reading = JobEnvelopeReader.Default.Read(queue, Encoding.UTF8.GetBytes(JobTypeRegistry.Default.ExampleOf(type)));
                Assert.True(reading.IsValid, $"{type}: {reading.ErrorText}");
            }
        }
    }

    [Fact]
    public void Every_title_of_a_problem_has_a_type_and_every_type_a_title_in_the_code()
    {
        var titles = new[] { "src", "services" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("Migrations", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("WhiteCross.Sidecar", StringComparison.Ordinal))
            .SelectMany(file => TitlePattern().Matches(File.ReadAllText(file)).Select(match => match.Groups["title"].Value))
            .Distinct()
            .Order(StringComparer.Ordinal);

        Assert.Equal(titles, ProblemTypes.All.Select(type => type.Title).Order(StringComparer.Ordinal));
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "WhiteCross.Dapr.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"\btitle: ""(?<title>[^""]+)""")]
    private static partial Regex TitlePattern();
}
