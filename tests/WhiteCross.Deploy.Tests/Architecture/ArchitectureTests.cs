using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace WhiteCross.Deploy.Tests.Architecture;

/// <summary>Which project and which folder may use which. docs/architecture.md draws it; this holds it.</summary>
public sealed class ArchitectureTests
{
    private const string Service = "Jobs.Dapr Jobs.Redis ServiceDefaults";

    // What each project may reference of ours. A line more is a decision, not a detail.
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["src/WhiteCross.Jobs.Contracts"] = "",
        ["src/WhiteCross.Settings"] = "Jobs.Contracts",
        ["src/WhiteCross.Jobs"] = "Jobs.Contracts Settings",
        ["src/WhiteCross.Jobs.Testing"] = "Jobs",
        ["src/WhiteCross.Jobs.Redis"] = "Jobs",
        ["src/WhiteCross.Jobs.Dapr"] = "Jobs",
        ["src/WhiteCross.Jobs.Client"] = "Jobs.Contracts Settings",
        ["src/WhiteCross.Cli"] = "Jobs.Contracts Jobs.Client",
        ["src/WhiteCross.Dashboard"] = "Jobs.Contracts Settings",
        ["src/WhiteCross.ServiceDefaults"] = "Jobs.Contracts Settings",
        ["src/WhiteCross.Storage"] = "ServiceDefaults",
        ["src/WhiteCross.Sidecar"] = "",
        ["src/WhiteCross.Templates"] = "",
        ["services/Gateway"] = Service + " Dashboard",
        ["services/MessageDelivery"] = Service + " Storage",
        ["services/MessageNotification"] = Service + " Storage Templates",
        ["services/MessageIndexing"] = Service + " Storage",
        ["services/MessageEncryption"] = Service,
        ["services/BatchMessageSending"] = Service + " Templates",
        ["services/MessageCleanup"] = Service,
        ["src/WhiteCross.Local"] = "Sidecar Gateway MessageDelivery MessageNotification MessageIndexing MessageEncryption BatchMessageSending MessageCleanup",
        ["src/WhiteCross.Reference"] = "Local",
    };

    // Only these know what they are named after; whoever else needs it goes through them.
    private static readonly Dictionary<string, string[]> Keepers = new()
    {
        ["Dapr.Client"] = ["src/WhiteCross.Jobs.Dapr"],
        ["Dapr.AspNetCore"] = ["src/WhiteCross.Jobs.Dapr"],
        ["Dapr.Workflow"] = ["services/BatchMessageSending"],
        // The command line reads Bull's own Redis, which is none of ours.
        ["StackExchange.Redis"] = ["src/WhiteCross.Jobs.Redis", "src/WhiteCross.Sidecar", "src/WhiteCross.Cli"],
        ["Microsoft.EntityFrameworkCore.Sqlite"] = ["src/WhiteCross.Storage"],
        ["Npgsql.EntityFrameworkCore.PostgreSQL"] = ["src/WhiteCross.Storage"],
        ["Fluid.Core"] = ["src/WhiteCross.Templates"],
        ["YamlDotNet"] = ["src/WhiteCross.Sidecar"],
    };

    // What the tools write: EF Core's migrations, and the Program that ASP.NET's generator makes public for tests.
    private static readonly string[] Written = ["Microsoft.EntityFrameworkCore.Migrations.Migration", "Program"];

    // Circles that are still there. One that is opened leaves this list; none is added.
    private static readonly string[] KnownCircles = [];

    public static TheoryData<string> Projects => [.. ProductProjects()];

    [Fact]
    public void Every_project_has_its_place_in_the_table() =>
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), ProductProjects().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_project_is_in_the_document()
    {
        var document = Repository.Read("docs/architecture.md");
        Assert.All(ProductProjects(), project => Assert.Contains($"`{project}`", document, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_it_may(string project) =>
        Assert.Empty(References(project).Except(Allowed[project].Split(' ')));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_of_a_project_are_in_no_circle(string project)
    {
        var uses = SourceFolders.UsesIn(project);
        var circles = SourceFolders.CirclesIn(uses).Select(circle => (Name: $"{project}: {string.Join(", ", circle)}", Folders: circle)).ToList();
        var known = KnownCircles.Where(circle => circle.StartsWith($"{project}:", StringComparison.Ordinal));

        Assert.True(
            circles.Select(circle => circle.Name).SequenceEqual(known),
            string.Join('\n', circles.SelectMany(circle => uses.Where(use => circle.Folders.Contains(use.From) && circle.Folders.Contains(use.To))
                .Select(use => $"{use.From} -> {use.To}: {use.File} names {use.Type}").Prepend($"Circle in {circle.Name}"))));
    }

    [Fact]
    public void A_package_with_a_keeper_is_referenced_by_no_other() =>
        Assert.All(Keepers, kept => Assert.Empty(ProductProjects().Where(project => Packages($"{project}/{Name(project)}").Contains(kept.Key)).Except(kept.Value)));

    [Fact]
    public void A_version_is_pinned_of_nothing_that_nobody_uses()
    {
        var used = Repository.FilesUnder(".").Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) || file.EndsWith(".props", StringComparison.Ordinal))
            .SelectMany(file => Included(file, "PackageReference")).ToHashSet(StringComparer.OrdinalIgnoreCase);

        Assert.Equal([], Included("Directory.Packages.props", "PackageVersion").Except(used, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void Services_know_the_sidecar_only_through_what_dapr_promises() =>
        Assert.All(ProductProjects().Where(project => project.StartsWith("services/", StringComparison.Ordinal)), project => Assert.DoesNotContain("Sidecar", References(project)));

    [Fact]
    public void Services_are_applications_and_export_no_type() =>
        Assert.All(Allowed.Keys.Where(project => project.StartsWith("services/", StringComparison.Ordinal)), project => Assert.Empty(
            Assembly.Load($"WhiteCross.{Path.GetFileName(project)}").GetExportedTypes()
                .Where(type => !Written.Contains(type.FullName) && !Written.Contains(type.BaseType?.FullName)).Select(type => type.FullName)));

    [Fact]
    public void A_circle_is_found_where_there_is_one()
    {
        FolderUse[] uses = [new("A", "B", "a.cs", "B1"), new("B", "C", "b.cs", "C1"), new("C", "A", "c.cs", "A1"), new("D", "A", "d.cs", "A1")];

        Assert.Equal([["A", "B", "C"]], SourceFolders.CirclesIn(uses));
        Assert.Empty(SourceFolders.CirclesIn(uses[1..]));
        Assert.Contains(SourceFolders.UsesIn("src/WhiteCross.Jobs"), use => use is { From: "InMemory", To: "Store", Type: "IJobStore" });
    }

    private static IEnumerable<string> ProductProjects() => new[] { "src", "services" }
        .SelectMany(folder => Repository.FilesUnder(folder).Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Select(file => $"{folder}/{Path.GetDirectoryName(file)}"));

    private static string Name(string project) => $"{Path.GetFileName(project)}.csproj";

    private static IEnumerable<string> References(string project) =>
        Included($"{project}/{Name(project)}", "ProjectReference").Select(path => Regex.Replace(Path.GetFileNameWithoutExtension(path.Replace('\\', '/')), "^WhiteCross\\.", string.Empty));

    private static IEnumerable<string> Packages(string file) => Included(file, "PackageReference");

    private static IEnumerable<string> Included(string file, string item) =>
        XDocument.Parse(Repository.Read(file)).Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();
}
