using System.Text.RegularExpressions;

namespace WhiteCross.Deploy.Tests.Monitoring;

/// <summary>What was scraped: each metric's labels with the values they have.</summary>
internal sealed partial class Exposition
{
    // Prometheus adds these to whatever it scrapes.
    private static readonly string[] Added = ["job", "instance"];

    private readonly Dictionary<string, Dictionary<string, HashSet<string>>> _metrics = [];

    public bool Has(string metric) => _metrics.ContainsKey(metric);

    public bool HasLabel(string metric, string label) => Added.Contains(label) || _metrics[metric].ContainsKey(label);

    public bool HasValue(string metric, string label, string value) => Added.Contains(label) || (_metrics[metric].TryGetValue(label, out var values) && values.Contains(value));

    public void Add(string scraped)
    {
        foreach (var sample in Sample().Matches(scraped).Cast<Match>())
        {
            var metric = sample.Groups["name"].Value;
            var labels = _metrics.TryGetValue(metric, out var known) ? known : _metrics[metric] = [];
            foreach (var label in Label().Matches(sample.Groups["labels"].Value).Cast<Match>())
            {
                (labels.TryGetValue(label.Groups[1].Value, out var values) ? values : labels[label.Groups[1].Value] = []).Add(label.Groups[2].Value);
            }
        }
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>[^}]*)\})? \S+""", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("""(\w+)="((?:[^"\\]|\\.)*)" ?""")]
    private static partial Regex Label();
}
