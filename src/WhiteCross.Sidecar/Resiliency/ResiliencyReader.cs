using WhiteCross.Sidecar.Cel;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>Reads Resiliency documents. Targets that name a policy that is not there are errors.</summary>
internal static class ResiliencyReader
{
    public static ResiliencyResource Read(YamlMap document, ICollection<string> warnings)
    {
        document.WarnAboutOthers(warnings, "apiVersion", "kind", "metadata", "spec", "scopes");
        var spec = document.RequiredMap("spec");
        spec.WarnAboutOthers(warnings, "policies", "targets");
        var policies = spec.Map("policies");
        var targets = spec.Map("targets");
        policies?.WarnAboutOthers(warnings, "timeouts", "retries", "circuitBreakers");
        targets?.WarnAboutOthers(warnings, "apps", "actors", "components");
        var resource = new ResiliencyResource
        {
            Name = ResourceHeader.Read(document).Name,
            Timeouts = Named(policies?.Map("timeouts"), static (map, name) => map.Duration(name) ?? throw map.Wrong(name, "is missing a duration.")),
            Retries = Named(policies?.Map("retries"), (map, name) => ReadRetry(map.RequiredMap(name), warnings)),
            CircuitBreakers = Named(policies?.Map("circuitBreakers"), (map, name) => ReadBreaker(map.RequiredMap(name), warnings)),
        };
        var components = targets?.Map("components");
        return resource with
        {
            Apps = Named(targets?.Map("apps"), (map, name) => ReadTarget(map.RequiredMap(name), resource, warnings)),
            Inbound = Direction(components, "inbound", resource, warnings),
            Outbound = Direction(components, "outbound", resource, warnings),
        };
    }

    private static Dictionary<string, T> Named<T>(YamlMap? map, Func<YamlMap, string, T> read) =>
        map?.Keys.ToDictionary(name => name, name => read(map, name), StringComparer.Ordinal) ?? [];

    // A component with any entry gets no defaults for the direction left out either (dapr-facts 4.3): hence an empty target for it.
    private static Dictionary<string, TargetSettings> Direction(YamlMap? components, string direction, ResiliencyResource resource, ICollection<string> warnings) =>
        Named(components, (map, name) =>
        {
            var target = map.RequiredMap(name);
            target.WarnAboutOthers(warnings, "inbound", "outbound");
            return target.Map(direction) is { } settings ? ReadTarget(settings, resource, warnings) : new TargetSettings(null, null, null);
        });

    private static RetrySettings ReadRetry(YamlMap map, ICollection<string> warnings)
    {
        map.WarnAboutOthers(warnings, "policy", "duration", "maxInterval", "maxRetries", "matching");
        var policy = map.Text("policy") ?? "constant";
        var isExponential = policy.ToUpperInvariant() switch
        {
            "EXPONENTIAL" => true,
            "CONSTANT" => false,
            _ => throw map.Wrong("policy", $"is '{policy}'; it must be constant or exponential."),
        };
        var defaults = new RetrySettings();
        var codes = map.Map("matching")?.Text("httpStatusCodes");
        return new RetrySettings
        {
            IsExponential = isExponential,
            Duration = map.Duration("duration") ?? defaults.Duration,
            MaxInterval = map.Duration("maxInterval") ?? defaults.MaxInterval,
            MaxRetries = map.Integer("maxRetries", -1, int.MaxValue) ?? defaults.MaxRetries,
            HttpStatusCodes = codes is null ? null
                : CodeRanges.TryParse(codes, out var ranges) ? ranges
                : throw map.Wrong("matching", $"has httpStatusCodes '{codes}'; it must be a list such as 429,500-599."),
        };
    }

    private static CircuitBreakerSettings ReadBreaker(YamlMap map, ICollection<string> warnings)
    {
        map.WarnAboutOthers(warnings, "maxRequests", "interval", "timeout", "trip");
        var defaults = new CircuitBreakerSettings();
        try
        {
            return new CircuitBreakerSettings
            {
                MaxRequests = map.Integer("maxRequests", 1, int.MaxValue) ?? defaults.MaxRequests,
                Interval = map.Duration("interval") ?? defaults.Interval,
                Timeout = map.Duration("timeout") ?? defaults.Timeout,
                Trip = map.Text("trip") is { } trip ? CelExpression.Parse(trip, CircuitBreakerSettings.Variables) : defaults.Trip,
            };
        }
        catch (CelSyntaxException exception)
        {
            throw map.Wrong("trip", $"cannot be read: {exception.Message}");
        }
    }

    private static TargetSettings ReadTarget(YamlMap map, ResiliencyResource resource, ICollection<string> warnings)
    {
        map.WarnAboutOthers(warnings, "timeout", "retry", "circuitBreaker", "circuitBreakerScope", "circuitBreakerCacheSize");
        return new TargetSettings(
            Known("timeout", resource.Timeouts.Keys), Known("retry", resource.Retries.Keys), Known("circuitBreaker", resource.CircuitBreakers.Keys));

        string? Known(string kind, IEnumerable<string> names) => map.Text(kind) switch
        {
            null => null,
            var name when names.Contains(name, StringComparer.Ordinal) => name,
            var name => throw map.Wrong(kind, $"names the policy '{name}', which this document does not have."),
        };
    }
}
