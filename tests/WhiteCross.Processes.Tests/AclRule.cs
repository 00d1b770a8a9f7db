using System.Text.RegularExpressions;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Processes.Tests;

/// <summary>The rights that the handbook tells an operator to give: tests use those and no others.</summary>
internal static partial class AclRule
{
    /// <summary>The rule in docs/operations.md: keys, channels and commands.</summary>
    public static string InOperations() =>
        Rule().Match(File.ReadAllText(Path.Combine(BuiltProjects.Repository, "docs", "operations.md"))) is { Success: true } match
            ? match.Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal)
            : throw new InvalidOperationException("docs/operations.md has no line `ACL SETUSER whitecross on >… …`.");

    [GeneratedRegex(@"ACL SETUSER whitecross on >\S+ ((?:.*\\\n)*.*)\n")]
    private static partial Regex Rule();
}
