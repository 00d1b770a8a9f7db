using System.Text.RegularExpressions;

namespace WhiteCross.Deploy.Tests.Architecture;

/// <summary>
/// Which folder of a project names which other one's types, read from the sources: the first folder below the project counts, and the project's root, where things are put
/// together, may name and be named by all.
/// </summary>
internal static partial class SourceFolders
{
    // Words in front of a name that make it a type, not the name of a member.
    private static readonly HashSet<string> BeforeTypes =
    [
        "new", "return", "is", "as", "in", "case", "await", "typeof", "not", "or", "and", "where", "static", "public", "internal", "private", "protected", "sealed",
        "readonly", "async", "override", "partial", "params", "this", "out", "ref", "required", "record", "class",
    ];

    /// <summary>The uses among a project's folders: from a folder, to another, with a file and the type that it names.</summary>
    public static IReadOnlyList<FolderUse> UsesIn(string project)
    {
        var sources = Repository.FilesUnder(project).Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => (File: file, Folder: FolderOf(file), Text: WithoutWords(Repository.Read($"{project}/{file}")))).ToList();
        var owners = sources.SelectMany(source => Declarations().Matches(source.Text).Select(match => (Type: match.Groups["name"].Value, source.Folder)))
            .GroupBy(declared => declared.Type, declared => declared.Folder)
            .Where(type => type.Distinct().Count() == 1)
            .ToDictionary(type => type.Key, type => type.First());
        return
        [
            .. sources.Where(source => source.Folder.Length > 0).SelectMany(source => TypesIn(source.Text).Distinct()
                .Where(type => owners.TryGetValue(type, out var owner) && owner.Length > 0 && owner != source.Folder)
                .Select(type => new FolderUse(source.Folder, owners[type], source.File, type))),
        ];
    }

    /// <summary>The folders that lie in a circle: from each of them the uses lead back to it. Each circle once, its folders in order.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> CirclesIn(IReadOnlyList<FolderUse> uses)
    {
        var next = uses.ToLookup(use => use.From, use => use.To);
        Dictionary<string, HashSet<string>> reached = uses.Select(use => use.From).Distinct().ToDictionary(folder => folder, folder => ReachedFrom(folder, next));
        return
        [
            .. reached.Keys.Where(folder => reached[folder].Contains(folder))
                .Select(folder => (IReadOnlyList<string>)[.. reached[folder].Where(other => reached.TryGetValue(other, out var back) && back.Contains(folder)).Order(StringComparer.Ordinal)])
                .DistinctBy(circle => string.Join(',', circle)),
        ];
    }

    private static HashSet<string> ReachedFrom(string folder, ILookup<string, string> next)
    {
        HashSet<string> reached = [];
        var left = new Stack<string>(next[folder]);
        while (left.TryPop(out var one))
        {
            if (reached.Add(one))
            {
                foreach (var other in next[one])
                {
                    left.Push(other);
                }
            }
        }

        return reached;
    }

    private static string FolderOf(string file) => file.Contains('/', StringComparison.Ordinal) ? file[..file.IndexOf('/', StringComparison.Ordinal)] : string.Empty;

    private static string WithoutWords(string text) => Texts().Replace(Comments().Replace(text, string.Empty), "\"\"");

    private static IEnumerable<string> TypesIn(string text) => Names().Matches(text)
        .Where(name => !(name.Groups["before"].Success && name.Groups["member"].Success && !BeforeTypes.Contains(name.Groups["before"].Value)))
        .Select(name => name.Groups["name"].Value);

    [GeneratedRegex(@"^(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref)\s+)*(?:class|interface|enum|record(?:\s+struct|\s+class)?|struct|delegate\s+\S+)\s+(?<name>[A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex Declarations();

    // A name that does not follow a dot; with the word before it, and whether what follows makes it the name of a member.
    [GeneratedRegex(@"(?:(?<before>[\w>\]?)]+)\s+)?(?<![.\w])(?<name>[A-Z]\w*)(?<member>\s*(?:=>|=|;|\{|,|\)))?")]
    private static partial Regex Names();

    [GeneratedRegex("//[^\n]*")]
    private static partial Regex Comments();

    [GeneratedRegex("\"(?:\\\\.|[^\"\\\\\n])*\"")]
    private static partial Regex Texts();
}

/// <summary>A folder's use of another one's type.</summary>
internal sealed record FolderUse(string From, string To, string File, string Type);
