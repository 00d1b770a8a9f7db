using System.Diagnostics;
using System.Text.Json.Nodes;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Dapr.Workflow.Tests;

/// <summary><c>-p:DaprWorkflowPackage=</c> swaps in the official package, by one file and for whoever imports it.</summary>
public sealed class PackageSwitchTests
{
    private const string Props = "Dapr.Workflow.props";
    private const string Own = "WhiteCross.Dapr.Workflow.csproj";

    public static TheoryData<string> Importers => ["services/BatchMessageSending/BatchMessageSending.csproj", "tests/WhiteCross.Sidecar.Tests/WhiteCross.Sidecar.Tests.csproj"];

    [Theory]
    [MemberData(nameof(Importers))]
    public async Task The_property_swaps_the_project_for_the_package_of_that_version(string project)
    {
        var items = await ItemsAsync(project, "-p:DaprWorkflowPackage=1.18.9");

        Assert.Single(items.Named("PackageReference"), "Dapr.Workflow");
        Assert.Equal("1.18.9", items.Find("PackageVersion", "Dapr.Workflow")!["Version"]!.GetValue<string>());
        Assert.DoesNotContain(items.Named("ProjectReference"), reference => Path.GetFileName(reference) == Own);
    }

    [Theory]
    [MemberData(nameof(Importers))]
    public async Task Without_it_there_is_the_project_and_no_package(string project)
    {
        var items = await ItemsAsync(project);

        Assert.Single(items.Named("ProjectReference"), reference => Path.GetFileName(reference) == Own);
        Assert.DoesNotContain("Dapr.Workflow", items.Named("PackageReference"));
        Assert.Null(items.Find("PackageVersion", "Dapr.Workflow"));
    }

    [Fact]
    public void Nothing_else_names_the_package_or_outside_its_own_tests_the_project()
    {
        var root = BuiltProjects.Repository;
        string[] own = [Props, Own, "WhiteCross.Dapr.Workflow.Tests.csproj"];
        var files = new[] { "services", "src", "tests", "bench", "samples" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.*proj", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(root, "*.props"))
            .Concat(Directory.EnumerateFiles(root, "*.targets"))
            .Where(file => !own.Contains(Path.GetFileName(file)))
            .ToList();

        Assert.Contains(files, file => Path.GetFileName(file) == "Directory.Packages.props");
        Assert.DoesNotContain(files, file => File.ReadAllText(file) is var text
            && (text.Contains("Include=\"Dapr.Workflow\"", StringComparison.Ordinal) || text.Contains(Own, StringComparison.Ordinal)));
    }

    private static async Task<Items> ItemsAsync(string project, params string[] properties)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["msbuild", project, "-nodeReuse:false", "-getItem:PackageReference", "-getItem:PackageVersion", "-getItem:ProjectReference", .. properties])
        {
            WorkingDirectory = BuiltProjects.Repository,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        return new Items(JsonNode.Parse(output)!["Items"]!);
    }

    private sealed record Items(JsonNode Json)
    {
        public IEnumerable<string> Named(string kind) => Json[kind]!.AsArray().Select(item => item!["Identity"]!.GetValue<string>());

        public JsonNode? Find(string kind, string identity) => Json[kind]!.AsArray().SingleOrDefault(item => item!["Identity"]!.GetValue<string>() == identity);
    }
}
