using System.Text.RegularExpressions;

namespace WhiteCross.Deploy.Tests.Monitoring;

/// <summary>A PromQL expression's metrics and labels.</summary>
/// <param name="Selectors">The metrics, each with what its labels are compared to.</param>
/// <param name="Grouped">Labels that results are grouped or matched by.</param>
internal sealed partial record PromQl(IReadOnlyList<Selector> Selectors, IReadOnlySet<string> Grouped)
{
    private static readonly HashSet<string> Groupings = ["by", "without", "on", "ignoring", "group_left", "group_right"];
    private static readonly HashSet<string> Operators = ["and", "or", "unless", "bool", "offset"];

    public static PromQl Parse(string expression)
    {
        List<Selector> selectors = [];
        HashSet<string> grouped = [];
        var rest = expression;
        while (rest.Length > 0)
        {
            if (Grouping().Match(rest) is { Success: true } grouping && Groupings.Contains(grouping.Groups["word"].Value))
            {
                grouped.UnionWith(grouping.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
                rest = rest[grouping.Length..];
            }
            else if (Function().Match(rest) is { Success: true } function)
            {
                rest = rest[function.Length..];
            }
            else if (Metric().Match(rest) is { Success: true } metric && !Operators.Contains(metric.Groups["name"].Value))
            {
                selectors.Add(new Selector(
                    metric.Groups["name"].Value,
                    [.. Matcher().Matches(metric.Groups["labels"].Value).Select(label => new LabelMatcher(label.Groups["name"].Value, label.Groups["operator"].Value, label.Groups["value"].Value))]));
                rest = rest[metric.Length..];
            }
            else
            {
                rest = rest[Other().Match(rest).Length..];
            }
        }

        return new PromQl(selectors, grouped);
    }

    [GeneratedRegex(@"\A(?<word>[a-z_]+)\s*\((?<labels>[^()]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\A[a-z_0-9]+(\s*\(|(?=\s+(by|without)\s*\())")]
    private static partial Regex Function();

    [GeneratedRegex("""\A(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>[^}]*)\})?""")]
    private static partial Regex Metric();

    [GeneratedRegex("""(?<name>\w+)\s*(?<operator>=~|!~|!=|=)\s*"(?<value>[^"]*)""")]
    private static partial Regex Matcher();

    // A range in brackets, a number, or one other character; the words of operators.
    [GeneratedRegex(@"\A(\[[^\]]*\]|[0-9.]+|[a-z]+|[\s\S])")]
    private static partial Regex Other();
}

/// <summary>A metric, and what its labels are compared to.</summary>
internal sealed record Selector(string Metric, IReadOnlyList<LabelMatcher> Labels);

/// <summary>A label, and what it is compared to.</summary>
internal sealed record LabelMatcher(string Name, string Operator, string Value);
