using System.Globalization;
using System.Text.RegularExpressions;

namespace WhiteCross.Sidecar.Resources;

/// <summary>Reads the Configuration. What would change the sidecar's answers and is not served here is refused by name.</summary>
internal static partial class ConfigurationReader
{
    private static readonly (string Member, string What)[] Refused =
    [
        ("httpPipeline", "middleware for requests to the sidecar"),
        ("appHttpPipeline", "middleware for requests to the app"),
        ("accessControl", "access control, which needs mTLS"),
    ];

    /// <summary>Replaces <c>$VAR</c> and <c>${VAR}</c> from the environment, as Dapr does in the configuration file; unset ones become empty.</summary>
    public static string Expand(string yaml, ResourceEnvironment environment) =>
        Variable().Replace(yaml, match => environment.Variable(match.Groups["name"].Value) ?? string.Empty);

    public static ConfigurationResource Read(YamlMap document, ICollection<string> warnings)
    {
        document.WarnAboutOthers(warnings, "apiVersion", "kind", "metadata", "spec");
        var name = document.RequiredMap("metadata").RequiredText("name");
        if (document.Map("spec") is not { } spec)
        {
            return new ConfigurationResource { Name = name };
        }

        spec.WarnAboutOthers(
            warnings, "tracing", "metric", "metrics", "features", "api", "accessControl", "secrets", "components", "logging", "httpPipeline",
            "appHttpPipeline", "nameResolution", "mtls", "workflow", "wasm");
        foreach (var (member, what) in Refused)
        {
            if (spec.Map(member) is { } map && map.Keys.Any())
            {
                throw spec.Wrong(member, $"asks for {what}, which the local sidecar does not serve; take it out, or run the app under daprd.");
            }
        }

        var workflow = spec.Map("workflow");
        return new ConfigurationResource
        {
            Name = name,
            Tracing = spec.Map("tracing") is { } tracing ? ReadTracing(tracing, warnings) : new TracingConfiguration(),
            SecretScopes = spec.Map("secrets") is { } secrets ? [.. secrets.Maps("scopes").Select(scope => ReadScope(scope, warnings))] : [],
            Features = spec.Maps("features").ToDictionary(feature => feature.RequiredText("name"), feature => feature.Flag("enabled", false)),
            Apis = spec.Map("api") is { } api ? ReadApis(api, warnings) : ApiAccess.Open,
            NameResolution = spec.Map("nameResolution") is { } resolution ? NameResolutionReader.Read(resolution, warnings) : null,
            MaxConcurrentWorkflowInvocations = Limit(workflow, "maxConcurrentWorkflowInvocations"),
            MaxConcurrentActivityInvocations = Limit(workflow, "maxConcurrentActivityInvocations"),
        };
    }

    private static TracingConfiguration ReadTracing(YamlMap tracing, ICollection<string> warnings)
    {
        tracing.WarnAboutOthers(warnings, "samplingRate", "stdout", "zipkin", "otel");
        var (zipkin, otel) = (tracing.Map("zipkin"), tracing.Map("otel"));
        zipkin?.WarnAboutOthers(warnings, "endpointAddress");
        otel?.WarnAboutOthers(warnings, "endpointAddress", "isSecure", "protocol", "headers", "timeout");
        return new TracingConfiguration
        {
            SamplingRate = SamplingRate(tracing),
            Stdout = tracing.Flag("stdout", false),
            ZipkinEndpoint = zipkin?.Text("endpointAddress") is { } address
                ? Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                    ? uri
                    : throw zipkin.Wrong("endpointAddress", $"is '{address}'; it must be an address such as http://localhost:9411/api/v2/spans.")
                : null,
            OtelEndpoint = otel?.Text("endpointAddress"),
            OtelIsSecure = otel?.Flag("isSecure", true) ?? true,
            OtelProtocol = otel?.Text("protocol") is { } protocol
                ? protocol is "grpc" or "http" ? protocol : throw otel.Wrong("protocol", $"is '{protocol}'; it must be grpc or http.")
                : "grpc",
        };
    }

    private static double SamplingRate(YamlMap tracing)
    {
        if (tracing.Text("samplingRate") is not { } text)
        {
            return 0;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate is >= 0 and <= 1
            ? rate
            : throw tracing.Wrong("samplingRate", $"is '{text}'; it must be a number from 0 (off) to 1 (everything).");
    }

    private static ApiAccess ReadApis(YamlMap api, ICollection<string> warnings)
    {
        api.WarnAboutOthers(warnings, "allowed", "denied");
        return new ApiAccess([.. api.Maps("allowed").Select(rule => ReadRule(rule, warnings))], [.. api.Maps("denied").Select(rule => ReadRule(rule, warnings))]);
    }

    private static ApiRule ReadRule(YamlMap rule, ICollection<string> warnings)
    {
        rule.WarnAboutOthers(warnings, "name", "version", "protocol");
        var protocol = rule.RequiredText("protocol");
        return protocol is "http" or "grpc"
            ? new ApiRule(rule.RequiredText("name"), rule.RequiredText("version"), protocol)
            : throw rule.Wrong("protocol", $"is '{protocol}'; it must be http or grpc.");
    }

    private static SecretScope ReadScope(YamlMap scope, ICollection<string> warnings)
    {
        scope.WarnAboutOthers(warnings, "storeName", "defaultAccess", "allowedSecrets", "deniedSecrets");
        var access = scope.Text("defaultAccess") ?? "allow";
        return new SecretScope(
            scope.RequiredText("storeName"),
            access.ToUpperInvariant() switch
            {
                "ALLOW" => true,
                "DENY" => false,
                _ => throw scope.Wrong("defaultAccess", $"is '{access}'; it must be allow or deny."),
            },
            scope.Texts("allowedSecrets"),
            scope.Texts("deniedSecrets"));
    }

    private static int? Limit(YamlMap? workflow, string key) => workflow?.WholeNumber(key, 0, int.MaxValue) is > 0 and { } limit ? limit : null;

    [GeneratedRegex(@"\$(?:\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}|(?<name>[A-Za-z_][A-Za-z0-9_]*))")]
    private static partial Regex Variable();
}
