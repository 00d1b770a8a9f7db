namespace WhiteCross.Testing.Processes;

/// <summary>Where the repository is, and what has been built of it in the configuration that the tests run in.</summary>
public static class BuiltProjects
{
    /// <summary>The repository's folder.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The assembly of a project.</summary>
    /// <param name="folder">The project's folder, relative to the repository.</param>
    /// <param name="assembly">The assembly's name, without extension.</param>
    /// <exception cref="InvalidOperationException">It has not been built.</exception>
    public static string Find(string folder, string assembly)
    {
        // Output lies at <repository>/<tests or bench>/<project>/<output>; other projects built along have theirs at the same place.
        var parts = Path.GetRelativePath(Repository, AppContext.BaseDirectory).Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        var file = Path.Combine([Repository, folder, .. parts[2..], $"{assembly}.dll"]);
        return File.Exists(file) ? file : throw new InvalidOperationException($"{file} is not there: build {folder} first.");
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "dapr.yaml")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests must run inside the repository.");
    }
}
