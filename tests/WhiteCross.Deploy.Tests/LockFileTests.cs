using System.Text.Json;
using System.Xml.Linq;

namespace WhiteCross.Deploy.Tests;

/// <summary>Every project has its packages and theirs on record, with hashes, and as Directory.Packages.props says.</summary>
public sealed class LockFileTests
{
    private const string Remedy = "Run dotnet restore WhiteCross.Dapr.sln --force-evaluate, and commit the lock files.";

    public static TheoryData<string> Projects => [.. Repository.FilesUnder(".").Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_has_a_lock_file_that_names_what_it_asks_for(string project)
    {
        var file = Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");
        Assert.True(File.Exists(Repository.PathOf(file)), $"{file} is missing. {Remedy}");
        var pinned = XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion").ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value, StringComparer.OrdinalIgnoreCase);
        var asked = new[] { project, "Directory.Build.props", "tests/Directory.Build.props" }.Where(source => source != "tests/Directory.Build.props" || project.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(source => XDocument.Load(Repository.PathOf(source)).Descendants("PackageReference")).Where(package => package.Parent!.Attribute("Condition") is null && package.Attribute("Include") is not null)
            .Select(package => package.Attribute("Include")!.Value);

        using var locked = JsonDocument.Parse(Repository.Read(file));
        var packages = locked.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject()).ToList();
        var direct = packages.Where(package => package.Value.GetProperty("type").GetString() == "Direct").ToDictionary(package => package.Name, package => package.Value.GetProperty("requested").GetString(), StringComparer.OrdinalIgnoreCase);
        Assert.All(asked, name => Assert.True(direct.ContainsKey(name), $"{file} does not have {name}. {Remedy}"));
        Assert.All(direct.Where(package => pinned.ContainsKey(package.Key)), package => Assert.True(package.Value == $"[{pinned[package.Key]}, )", $"{file} has {package.Key} {package.Value}. {Remedy}"));
        Assert.All(packages.Where(package => package.Value.GetProperty("type").GetString() != "Project"), package => Assert.NotEmpty(package.Value.GetProperty("contentHash").GetString()!));
        Assert.DoesNotContain("://", locked.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Locked_restores_are_what_CI_and_the_images_do()
    {
        Assert.Equal("true", XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("RestorePackagesWithLockFile").Single().Value);
        Assert.Contains("RestoreLockedMode: \"true\"", Repository.Read(".github/workflows/ci.yml"), StringComparison.Ordinal);
        Assert.Contains("dotnet restore \"services/$SERVICE\" --locked-mode", Repository.Read("deploy/Dockerfile"), StringComparison.Ordinal);
    }
}
