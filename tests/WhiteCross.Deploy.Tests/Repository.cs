namespace WhiteCross.Deploy.Tests;

/// <summary>The files of the repository that the tests run in.</summary>
internal static class Repository
{
    private static readonly string[] Outside = [".git", "bin", "obj", "node_modules", "TestResults", "artifacts", ".dapr", "data"];

    public static string Root { get; } = Find();

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    /// <summary>The YAML files, by their paths in the repository.</summary>
    public static IEnumerable<string> YamlFiles() => FilesIn(new DirectoryInfo(Root))
        .Where(file => file.Extension is ".yaml" or ".yml")
        .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    /// <summary>The files under a folder, by their paths in it.</summary>
    public static IEnumerable<string> FilesUnder(string folder) => FilesIn(new DirectoryInfo(PathOf(folder)))
        .Select(file => Path.GetRelativePath(PathOf(folder), file.FullName).Replace('\\', '/'));

    private static IEnumerable<FileInfo> FilesIn(DirectoryInfo folder) =>
        folder.EnumerateFiles().Concat(folder.EnumerateDirectories().Where(inner => !Outside.Contains(inner.Name)).SelectMany(FilesIn));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "WhiteCross.Dapr.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside the repository: there is no WhiteCross.Dapr.sln above them.");
    }
}
