using WhiteCross.Testing.Processes;

namespace WhiteCross.TestRun;

/// <summary>A test project that has been built.</summary>
/// <param name="Name">The project's name, without <c>WhiteCross.</c> and <c>.Tests</c>.</param>
/// <param name="Assembly">Its assembly.</param>
internal sealed record TestModule(string Name, string Assembly)
{
    private const string Prefix = "WhiteCross.";
    private const string Suffix = ".Tests";

    /// <summary>Those of the repository: the folders of tests/ whose names end with .Tests.</summary>
    /// <param name="names">Only these; none: all.</param>
    /// <exception cref="InvalidOperationException">One does not exist, or has not been built.</exception>
    public static IReadOnlyList<TestModule> OfRepository(IReadOnlyCollection<string> names)
    {
        var all = Directory.EnumerateDirectories(Path.Combine(BuiltProjects.Repository, "tests"), $"{Prefix}*{Suffix}")
            .Where(folder => File.Exists(Path.Combine(folder, $"{Path.GetFileName(folder)}.csproj"))) // What is left of a project that is gone has none.
            .Select(folder => Path.GetFileName(folder)[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal)
            .ToList();
        return names.Except(all).FirstOrDefault() is { } unknown
            ? throw new InvalidOperationException($"There is no test module '{unknown}'; there are {string.Join(", ", all)}.")
            : [.. all.Where(name => names.Count == 0 || names.Contains(name)).Select(name => new TestModule(name, AssemblyOf($"{Prefix}{name}{Suffix}")))];
    }

    private static string AssemblyOf(string project) => BuiltProjects.Find($"tests/{project}", project);
}
