using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using WhiteCross.Dashboard;
using WhiteCross.Deploy.Tests.Schemas;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Deploy.Tests.Monitoring;

/// <summary>Grafana's dashboard and Prometheus' alerts ask for nothing that the running system does not show.</summary>
public sealed class MonitoringTests(RunningSystem system)
{
    private const string Dashboard = "deploy/grafana/whitecross-queues.json";
    private const string Alerts = "deploy/prometheus/alerts.yaml";

    private static readonly string[] Intervals = ["$__rate_interval", "$__interval", "$__range"];

    public static TheoryData<string> Expressions => [.. Panels().SelectMany(Targets).Concat(Rules().Select(rule => rule.Expression)).Distinct()];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Every_metric_and_label_is_one_that_is_scraped(string expression)
    {
        var parsed = PromQl.Parse(expression);

        Assert.NotEmpty(parsed.Selectors);
        foreach (var (metric, labels) in parsed.Selectors)
        {
            Assert.True(system.Scraped.Has(metric), $"{metric} is not scraped.");
            Assert.All(labels, label => Assert.True(system.Scraped.HasLabel(metric, label.Name), $"{metric} has no label {label.Name}."));
            var named = labels.Where(label => !label.Value.Contains('$', StringComparison.Ordinal) && label.Operator is "=" or "=~" && metric.StartsWith("whitecross_queue", StringComparison.Ordinal));
            Assert.All(
                named.SelectMany(label => label.Value.Split('|').Select(value => (label.Name, value))).Where(label => !label.value.Contains('$', StringComparison.Ordinal)),
                label => Assert.True(system.Scraped.HasValue(metric, label.Name, label.value), $"{metric} has no {label.Name}=\"{label.value}\"."));
        }

        Assert.All(parsed.Grouped, label => Assert.Contains(parsed.Selectors, selector => system.Scraped.HasLabel(selector.Metric, label)));
    }

    [Theory]
    [InlineData("sum by (state) (whitecross_queue_job{state=\"failed\"})")]
    [InlineData("whitecross_queue_jobs{stat=\"failed\"} > 1")]
    [InlineData("whitecross_queue_jobs{state=\"fialed\"} > 1")]
    [InlineData("sum by (queue) (whitecross_queue_jobs) > 1")]
    public void A_wrong_metric_or_label_is_found(string expression) =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Every_metric_and_label_is_one_that_is_scraped(expression));

    [Fact]
    public void The_dashboard_lets_one_choose_the_data_source_and_the_queues()
    {
        var dashboard = Parse();
        var variables = dashboard["templating"]!["list"]!.AsArray().ToDictionary(variable => variable!["name"]!.GetValue<string>(), variable => variable!["type"]!.GetValue<string>());

        Assert.Equal(("datasource", "query"), (variables["datasource"], variables["queue"]));
        var known = variables.Keys.Select(name => "$" + name).Concat(Intervals).ToHashSet();
        foreach (var panel in Panels())
        {
            Assert.Equal("${datasource}", panel["datasource"]!["uid"]!.GetValue<string>());
            Assert.All(Targets(panel).SelectMany(expression => Regex.Matches(expression, @"\$\w+").Select(match => match.Value)), variable => Assert.Contains(variable, known));
        }

        Assert.Equal(Panels().Count(), Panels().Select(panel => panel["id"]!.GetValue<int>()).Distinct().Count());
    }

    [Fact]
    public void What_the_panels_show_covers_every_queue()
    {
        var query = Parse()["templating"]!["list"]!.AsArray().Single(variable => variable!["name"]!.GetValue<string>() == "queue")!["definition"]!.GetValue<string>();
        var match = Regex.Match(query, @"^label_values\((?<metric>\w+), (?<label>\w+)\)$");

        Assert.All(JobQueues.All, queue => Assert.True(system.Scraped.HasValue(match.Groups["metric"].Value, match.Groups["label"].Value, queue.Name)));
    }

    [Fact]
    public void The_alerts_have_the_limits_of_the_gateway()
    {
        var limits = new DashboardOptions();
        var byKind = Rules().Where(rule => rule.Kind is not null).ToDictionary(rule => rule.Kind!, rule => double.Parse(rule.Expression.Split('>')[^1], CultureInfo.InvariantCulture));

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["failureRate"] = limits.AlertFailureRate,
                ["failed"] = limits.AlertFailed,
                ["waiting"] = limits.AlertWaiting,
                ["stalled"] = limits.AlertStalled,
                ["paused"] = 0,
            },
            byKind);
    }

    private static JsonNode Parse() => JsonNode.Parse(Repository.Read(Dashboard))!;

    private static IEnumerable<JsonNode> Panels() => Parse()["panels"]!.AsArray().Select(panel => panel!);

    private static IEnumerable<string> Targets(JsonNode panel) => panel["targets"]!.AsArray().Select(target => target!["expr"]!.GetValue<string>());

    private static IEnumerable<(string Name, string? Kind, string Expression)> Rules() =>
        from document in YamlFile.Read(Alerts).Documents
        from rule in document.Required("groups").Items.SelectMany(found => found.Required("rules").Items)
        select (rule.Required("alert").Text!, rule.Required("labels")["kind"]?.Text, rule.Required("expr").Text!);
}
