using System.Text.RegularExpressions;

namespace WhiteCross.Deploy.Tests;

/// <summary>The settings that docs/reference/settings.md has, which is made from the code and held against it by a test of its own.</summary>
internal static partial class SettingsReference
{
    private static readonly HashSet<string> Names = Read();

    /// <summary>Whether a setting exists, by its name in the environment.</summary>
    public static bool Has(string variable) => Names.Contains(Normal(variable.Replace("__", ":", StringComparison.Ordinal)));

    /// <summary>The settings that a text names as variables of the environment.</summary>
    public static IEnumerable<string> NamedIn(string text) => Variable().Matches(text).Select(found => found.Value.TrimEnd('_')).Distinct(StringComparer.Ordinal);

    private static HashSet<string> Read()
    {
        var (names, section) = (new HashSet<string>(StringComparer.OrdinalIgnoreCase), string.Empty);
        foreach (var line in Repository.Read("docs/reference/settings.md").Split('\n'))
        {
            if (SectionName().Match(line) is { Success: true } heading)
            {
                section = heading.Groups[1].Value is "Single settings" ? string.Empty : heading.Groups[1].Value;
            }
            else if (Row().Match(line) is { Success: true } row)
            {
                foreach (var name in row.Groups[1].Value.Split(", "))
                {
                    names.Add(Normal(section.Length == 0 ? name : $"{section}:{name}"));
                }
            }
        }

        Assert.True(names.Count > 150, $"Only {names.Count} settings were found.");
        return names;
    }

    // Items of a list are the same whatever their number, and so are the queues.
    private static string Normal(string name) => Number().Replace(Queue().Replace(name, "Queues:{queue}"), ":0");

    [GeneratedRegex(@"^## (.+)$")]
    private static partial Regex SectionName();

    [GeneratedRegex(@"^\| `([^`]+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex(@":\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"\AQueues:[^:]+", RegexOptions.IgnoreCase)]
    private static partial Regex Queue();

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+(?:__[A-Za-z0-9_{}<>-]+)+")]
    private static partial Regex Variable();
}
