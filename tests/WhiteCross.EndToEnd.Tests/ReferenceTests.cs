using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Reference;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>docs/reference, and the API's description that the gateway serves, say what the code says.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string Repository = FindRepository();

    public static TheoryData<string> Services => [.. JobQueues.All.SelectMany(queue => queue.JobTypes).Select(type => HandlerOf(type).Assembly.GetName().Name!).Distinct()];

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

    [Theory]
    [MemberData(nameof(Services))]
    public void What_a_handler_completes_with_is_a_record_that_says_of_which_job_type(string service)
    {
        var assembly = Assembly.Load(service);
        var types = JobTypeRegistry.Default.JobTypes.Where(type => HandlerOf(type).Assembly == assembly).Select(type => typeof(IJobResult<>).MakeGenericType(JobTypeRegistry.Default.DataOf(type))).ToList();
        var given = HandlerResults.In(assembly);

        Assert.NotEmpty(given);
        Assert.All(given, result =>
        {
            var told = result.IsDefined(typeof(CompilerGeneratedAttribute)) ? $"new {{ {string.Join(", ", result.GetProperties().Select(property => property.Name))} }}" : result.Name;
            Assert.True(
                types.Exists(type => type.IsAssignableFrom(result)),
                $"A handler of {service} completes with {told}, which docs/reference does not tell: make it a record with a name, a summary and IJobResult<the job's data>; then run: dotnet run --project src/WhiteCross.Reference");
        });
        Assert.All(
            assembly.GetTypes().Where(type => types.Exists(result => result.IsAssignableFrom(type))),
            type => Assert.True(given.Contains(type), $"{type.Name} says that jobs complete with it, but no handler of {service} does."));
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

    private static Type HandlerOf(string jobType)
    {
        var handler = typeof(IJobHandler<>).MakeGenericType(JobTypeRegistry.Default.DataOf(jobType));
        return Directory.EnumerateDirectories(Path.Combine(Repository, "services")).Select(folder => Assembly.Load($"WhiteCross.{Path.GetFileName(folder)}"))
            .SelectMany(assembly => assembly.GetTypes()).Single(type => type.IsClass && handler.IsAssignableFrom(type));
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
