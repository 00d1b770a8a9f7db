using WhiteCross.Deploy.Tests.Yaml;
using static WhiteCross.Deploy.Tests.Yaml.Shape;

namespace WhiteCross.Deploy.Tests.Schemas;

/// <summary>Dapr's resources as its custom resource definitions have them (1.16 to 1.18).</summary>
internal static class DaprSchemas
{
    private const string Version = "dapr.io/v1alpha1";

    private static readonly Shape Action = OneOf("allow", "deny");
    private static readonly Shape ApiRule = Fields(
        ("name!", OneOf("invoke", "state", "publish", "subscribe", "bindings", "secrets", "actors", "metadata", "configuration", "lock", "unlock", "crypto", "subtlecrypto", "workflows", "healthz", "jobs", "shutdown", "conversation")),
        ("version!", Text),
        ("protocol!", OneOf("http", "grpc")));

    private static readonly Shape Reference = Fields(("name!", Text), ("key", Text));
    private static readonly Shape Policies = Fields(("timeout", Text), ("retry", Text), ("circuitBreaker", Text));
    private static readonly Shape Metrics = Fields(
        ("enabled!", Flag),
        ("http", Fields(("increasedCardinality", Flag), ("pathMatching", Texts), ("excludeVerbs", Flag))),
        ("recordErrorCodes", Flag),
        ("latencyDistributionBuckets", List(Whole)),
        ("rules", List(Fields(("name!", Text), ("labels!", List(Fields(("name!", Text), ("regex!", Map(Text)))))))));

    public static readonly Shape Component = Resource("Component", ("scopes", Texts), ("auth", Fields(("secretStore!", Text))), ("spec!", Fields(
        ("type!", Text),
        ("version!", OneOf("v1")),
        ("initTimeout", Duration),
        ("ignoreErrors", Flag),
        ("metadata!", List(Fields(("name!", Text), ("value", OneValue), ("envRef", Matching("(?!DAPR_|APP_API_TOKEN)[A-Z][A-Z0-9_]*", "a variable that Dapr hands out")), ("secretKeyRef", Reference)))))));

    public static readonly Shape Resiliency = Resource("Resiliency", ("scopes", Texts), ("spec!", Fields(
        ("policies!", Fields(
            ("timeouts", Map(Duration)),
            ("retries", Map(Fields(
                ("policy!", OneOf("constant", "exponential")),
                ("duration", Duration),
                ("maxInterval", Duration),
                ("maxRetries", Number(-1, int.MaxValue)),
                ("matching", Fields(("httpStatusCodes", Quoted), ("gRPCStatusCodes", Quoted)))))),
            ("circuitBreakers", Map(Fields(("maxRequests", Whole), ("interval", Duration), ("timeout", Duration), ("trip", Text)))))),
        ("targets!", Fields(
            ("apps", Map(Fields(("timeout", Text), ("retry", Text), ("circuitBreaker", Text), ("circuitBreakerCacheSize", Whole)))),
            ("actors", Map(Fields(("timeout", Text), ("retry", Text), ("circuitBreaker", Text), ("circuitBreakerScope", OneOf("type", "id", "both")), ("circuitBreakerCacheSize", Whole)))),
            ("components", Map(Fields(("inbound", Policies), ("outbound", Policies)))))))));

    public static readonly Shape Configuration = Resource("Configuration", ("spec!", Fields(
        ("tracing", Fields(
            ("samplingRate!", Quoted),
            ("stdout", Flag),
            ("zipkin", Fields(("endpointAddress!", Matching("https?://.+/api/v2/spans", "Zipkin's address")))),
            ("otel", Fields(("endpointAddress!", Matching(@"[^/:]+:\d+", "host:port")), ("isSecure!", Flag), ("protocol!", OneOf("grpc", "http")), ("timeout", Duration))))),
        ("metrics", Metrics),
        ("metric", Metrics),
        ("api", Fields(("allowed", List(ApiRule)), ("denied", List(ApiRule)))),
        ("secrets", Fields(("scopes!", List(Fields(("storeName!", Text), ("defaultAccess", Action), ("allowedSecrets", Texts), ("deniedSecrets", Texts)))))),
        ("accessControl", Fields(
            ("defaultAction", Action),
            ("trustDomain", Text),
            ("policies", List(Fields(
                ("appId!", Text),
                ("defaultAction", Action),
                ("trustDomain", Text),
                ("namespace", Text),
                ("operations", List(Fields(("name!", Matching("/.*", "a path")), ("httpVerb", List(OneOf("*", "GET", "POST", "PUT", "PATCH", "DELETE"))), ("action!", Action))))))))),
        ("features", List(Fields(("name!", Text), ("enabled!", Flag)))),
        ("workflow", Fields(("maxConcurrentWorkflowInvocations", Whole), ("maxConcurrentActivityInvocations", Whole))),
        ("logging", Fields(("apiLogging", Fields(("enabled", Flag), ("obfuscateURLs", Flag), ("omitHealthChecks", Flag))))))));

    private static Shape Resource(string kind, params (string Name, Shape Shape)[] fields) => Fields(
    [
        ("apiVersion!", OneOf(Version)),
        ("kind!", OneOf(kind)),
        ("metadata!", Fields(("name!", Matching("[a-z0-9]([-a-z0-9]*[a-z0-9])?", "a DNS name")), ("namespace", Text), ("labels", Map(Text)))),
        .. fields,
    ]);
}
