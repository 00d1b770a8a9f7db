using System.Text.RegularExpressions;

namespace WhiteCross.Reference;

/// <summary>What the sources say of types and their members in their documentation comments.</summary>
internal sealed partial class Sources
{
    private static readonly string[] Folders = ["src", "services"];

    private readonly Dictionary<(string Type, string Member), string> _texts = [];
    private readonly List<(string Name, string Value)> _constants = [];

    private Sources(string repository)
    {
        foreach (var file in Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(repository, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            Read(File.ReadAllLines(file));
        }
    }

    /// <summary>The repository's folder: this one or one above.</summary>
    public static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "WhiteCross.Dapr.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The reference is made in the repository only.");
    }

    public static Sources Read(string repository) => new(repository);

    /// <summary>The summary of a type, or of a member of it; empty where it has none.</summary>
    public string Of(Type type, string member = "")
    {
        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (_texts.TryGetValue((declaring.Name, member), out var text))
            {
                return text;
            }
        }

        return string.Empty;
    }

    /// <summary>The same by the type's name.</summary>
    public string OfName(string type, string member = "") => _texts.GetValueOrDefault((type, member)) ?? string.Empty;

    /// <summary>The names of settings that the code has as constants.</summary>
    public IEnumerable<string> SettingNames => _constants.Where(constant => constant.Name.EndsWith("Setting", StringComparison.Ordinal)).Select(constant => constant.Value).Distinct();

    private void Read(string[] lines)
    {
        var type = string.Empty;
        List<string> comment = [];
        foreach (var line in lines)
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith("///", StringComparison.Ordinal))
            {
                comment.Add(trimmed[3..].Trim());
                continue;
            }

            if (trimmed.StartsWith('[') && trimmed.EndsWith(']'))
            {
                continue;
            }

            if (TypePattern().Match(line) is { Success: true } declared)
            {
                type = declared.Groups["name"].Value;
                Keep(type, string.Empty, comment);
            }
            else if (MemberPattern().Match(line) is { Success: true } member)
            {
                Keep(type, member.Groups["name"].Value, comment);
                if (ConstantPattern().Match(line) is { Success: true } constant)
                {
                    _constants.Add((member.Groups["name"].Value, constant.Groups["value"].Value));
                }
            }

            comment.Clear();
        }
    }

    private void Keep(string type, string member, List<string> comment)
    {
        var text = string.Join(' ', comment);
        if (SummaryPattern().Match(text) is { Success: true } summary)
        {
            _texts.TryAdd((type, member), Plain(summary.Groups["text"].Value));
        }

        foreach (Match parameter in ParameterPattern().Matches(text))
        {
            _texts.TryAdd((type, parameter.Groups["name"].Value), Plain(parameter.Groups["text"].Value));
        }
    }

    private static string Plain(string text)
    {
        text = CodePattern().Replace(text, "`${text}`");
        text = ReferencePattern().Replace(text, match => $"`{match.Groups["name"].Value.Split('.', '(')[^1].Split('{')[0]}`");
        return System.Net.WebUtility.HtmlDecode(SpacePattern().Replace(text, " ").Trim());
    }

    [GeneratedRegex(@"^(?:public |internal |private |protected )?(?:static |sealed |abstract |partial |readonly )*(?:class|record struct|record|struct|interface|enum) (?<name>\w+)")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"^    (?:(?:public|internal|private|protected) (?:static |const |required |readonly |override |virtual |abstract )*[\w<>\[\],\.\?\(\) ]+? (?<name>\w+) *(?:\{|=|;|\()|(?<name>[A-Z]\w*)(?: = \d+)?,\s*$)")]
    private static partial Regex MemberPattern();

    [GeneratedRegex(@"const string \w+ = ""(?<value>[^""]*)""")]
    private static partial Regex ConstantPattern();

    [GeneratedRegex("<summary>(?<text>.*?)</summary>")]
    private static partial Regex SummaryPattern();

    [GeneratedRegex("""<param name="(?<name>\w+)">(?<text>.*?)</param>""")]
    private static partial Regex ParameterPattern();

    [GeneratedRegex("<c>(?<text>.*?)</c>")]
    private static partial Regex CodePattern();

    [GeneratedRegex("""<(?:see|seealso|paramref|typeparamref) (?:cref|name|langword)="(?<name>[^"]*)" ?/>""")]
    private static partial Regex ReferencePattern();

    [GeneratedRegex(@"\s+")]
    private static partial Regex SpacePattern();
}
