using System.Text.RegularExpressions;
using WhiteCross.Testing.Processes;

namespace WhiteCross.TestRun.Tests;

/// <summary>docs/life-of-a-job.md names a test for each promise: that it is there is tested here.</summary>
public sealed partial class PromisesTests
{
    [Fact]
    public void The_tests_that_are_named_exist()
    {
        var document = File.ReadAllText(Path.Combine(BuiltProjects.Repository, "docs", "life-of-a-job.md"));
        var sources = Directory.EnumerateFiles(Path.Combine(BuiltProjects.Repository, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToArray();
        var named = NameOfTest().Matches(document).ToArray();
        Assert.True(named.Length > 50, $"Only {named.Length} tests are named.");
        Assert.All(named, name => Assert.Contains(sources, source =>
            Declares(source, "class ", name.Groups["class"].Value) && (!name.Groups["test"].Success || Declares(source, "Task ", name.Groups["test"].Value) || Declares(source, "void ", name.Groups["test"].Value))));
    }

    [Fact]
    public void Each_promise_names_a_test()
    {
        var document = File.ReadAllText(Path.Combine(BuiltProjects.Repository, "docs", "life-of-a-job.md"));
        var promises = document[document.IndexOf("## What is promised", StringComparison.Ordinal)..].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.EndsWith("| test |", StringComparison.Ordinal) && !line.Contains("---", StringComparison.Ordinal));
        Assert.All(promises, promise => Assert.Matches(NameOfTest(), promise));
    }

    private static bool Declares(string source, string before, string name) => Regex.IsMatch(source, $@"\b{before}{name}\b");

    [GeneratedRegex(@"`(?<class>[A-Z]\w+(Tests|Contract))(\.(?<test>\w+))?`")]
    private static partial Regex NameOfTest();
}
