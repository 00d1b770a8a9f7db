using WhiteCross.Deploy.Tests.Yaml;
using static WhiteCross.Deploy.Tests.Yaml.Shape;

namespace WhiteCross.Deploy.Tests.Schemas;

/// <summary>A file of Prometheus' alerting rules.</summary>
internal static class PrometheusSchemas
{
    private static readonly Shape PrometheusDuration = Matching("([0-9]+(ms|s|m|h|d|w|y))+", "a duration such as 30s, 5m or 1h30m");

    public static readonly Shape Rules = Fields(
        ("groups!", List(Fields(
            ("name!", Text),
            ("interval", PrometheusDuration),
            ("rules!", List(Fields(
                ("alert!", Matching("[A-Z][A-Za-z0-9]*", "a name in PascalCase")),
                ("expr!", Text),
                ("for", PrometheusDuration),
                ("keep_firing_for", PrometheusDuration),
                ("labels!", Fields(("severity!", OneOf("critical", "warning", "info")), ("kind", Text))),
                ("annotations!", Fields(("summary!", Text), ("description!", Text))))))))));
}
