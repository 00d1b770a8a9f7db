using WhiteCross.Deploy.Tests.Yaml;
using static WhiteCross.Deploy.Tests.Yaml.Shape;

namespace WhiteCross.Deploy.Tests.Schemas;

/// <summary>KEDA's resources (2.17 and later), and the two triggers that are used, with their settings.</summary>
internal static class KedaSchemas
{
    private static readonly Shape WholeText = Matching("[0-9]+", "an integer in quotes");
    private static readonly Shape FlagText = OneOf("true", "false");

    private static readonly Dictionary<string, Shape> Triggers = new()
    {
        ["redis-streams"] = Fields(
            ("stream!", Text), ("consumerGroup!", Text), ("lagCount!", WholeText), ("activationLagCount", WholeText), ("databaseIndex", WholeText),
            ("enableTLS", FlagText), ("unsafeSsl", FlagText), ("host", Text), ("port", WholeText), ("address", Text)),
        ["metrics-api"] = Fields(
            ("url!", Matching("https?://.+", "an address")), ("valueLocation!", Text), ("targetValue!", WholeText), ("activationTargetValue", WholeText),
            ("authMode", OneOf("apiKey")), ("method", OneOf("header", "query")), ("keyParamName", Text), ("format", OneOf("json", "xml", "yaml", "prometheus")), ("unsafeSsl", FlagText)),
    };

    public static readonly Shape ScaledObject = Resource("ScaledObject", Fields(
        ("scaleTargetRef!", Fields(("name!", Text), ("kind", Text), ("apiVersion", Text), ("envSourceContainerName", Text))),
        ("minReplicaCount", Whole),
        ("maxReplicaCount", Whole),
        ("idleReplicaCount", Whole),
        ("pollingInterval", Whole),
        ("cooldownPeriod", Whole),
        ("initialCooldownPeriod", Whole),
        ("fallback", Fields(("failureThreshold!", Whole), ("replicas!", Whole), ("behavior", OneOf("static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower", "scalingModifiers")))),
        ("triggers!", List(new TriggerShape()))));

    public static readonly Shape TriggerAuthentication = Resource("TriggerAuthentication", Fields(
        ("secretTargetRef", List(Fields(("parameter!", OneOf("host", "port", "address", "username", "password", "apiKey")), ("name!", Text), ("key!", Text))))));

    private static Shape Resource(string kind, Shape spec) => Fields(
        ("apiVersion!", OneOf("keda.sh/v1alpha1")),
        ("kind!", OneOf(kind)),
        ("metadata!", Fields(("name!", Text), ("namespace", Text), ("labels", Map(Text)))),
        ("spec!", spec));

    private sealed class TriggerShape : Shape
    {
        private readonly Shape _type = OneOf([.. Triggers.Keys]);

        public override IEnumerable<string> Check(Node node) => Fields(
            ("type!", _type),
            ("name", Text),
            ("metricType", OneOf("AverageValue", "Value")),
            ("useCachedMetrics", Flag),
            ("authenticationRef", Fields(("name!", Text), ("kind", OneOf("TriggerAuthentication", "ClusterTriggerAuthentication")))),
            ("metadata!", Triggers.GetValueOrDefault(node["type"]?.Text ?? string.Empty, Any))).Check(node);
    }
}
