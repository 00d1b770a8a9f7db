using WhiteCross.Sidecar.Cel;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>Reads Resiliency documents.</summary>
internal static class ResiliencyReader
{
    public static ResiliencyResource Read(YamlMap document, ICollection<string> warnings)
    {
        document.WarnAboutOthers(warnings, "apiVersion", "kind", "metadata", "spec", "scopes");
        var spec = document.RequiredMap("spec");
        spec.WarnAboutOthers(warnings, "policies", "targets");
        var (policies, targets) = (spec.Map("policies"), spec.Map("targets"));
        policies?.WarnAboutOthers(warnings, "timeouts", "retries", "circuitBreakers");
        targets?.WarnAboutOthers(warnings, "apps", "actors", "components");
        return new ResiliencyResource
        {
            Header = ResourceHeader.Read(document),
            Timeouts = Each(policies, "timeouts", (map, name) => map.Duration(name) ?? throw map.Wrong(name, "is empty; it must be a duration such as 30s.")),
            Retries = EachMap(policies, "retries", retry => Retry(retry, warnings)),
            CircuitBreakers = EachMap(policies, "circuitBreakers", breaker => Breaker(breaker, warnings)),
            Apps = EachMap(targets, "apps", app => App(app, warnings)),
            Components = EachMap(targets, "components", component => Component(component, warnings)),
        };
    }

    /// <summary>Checks that every policy that a target names exists in one of the documents; Dapr would go on without it.</summary>
    /// <returns>The problems; none where all are there.</returns>
    public static IEnumerable<string> CheckReferences(IReadOnlyList<(ResiliencyResource Resource, YamlMap Document)> resources)
    {
        HashSet<string> timeouts = [.. resources.SelectMany(each => each.Resource.Timeouts.Keys)];
        HashSet<string> retries = [.. resources.SelectMany(each => each.Resource.Retries.Keys)];
        HashSet<string> breakers = [.. resources.SelectMany(each => each.Resource.CircuitBreakers.Keys)];
        foreach (var target in resources.SelectMany(each => Targets(each.Document)))
        {
            foreach (var (field, known) in new[] { ("timeout", timeouts), ("retry", retries), ("circuitBreaker", breakers) })
            {
                if (target.Text(field) is { } name && !known.Contains(name))
                {
                    yield return target.Wrong(field, $"names the policy '{name}', which is not there"
                        + (known.Count == 0 ? "." : $"; there is {string.Join(", ", known.Order(StringComparer.Ordinal))}.")).Message;
                }
            }
        }
    }

    private static IEnumerable<YamlMap> Targets(YamlMap document)
    {
        var targets = document.Map("spec")?.Map("targets");
        foreach (var kind in new[] { "apps", "actors" })
        {
            var map = targets?.Map(kind);
            foreach (var target in (map?.Keys ?? []).Select(name => map!.Map(name)).OfType<YamlMap>())
            {
                yield return target;
            }
        }

        var components = targets?.Map("components");
        foreach (var component in (components?.Keys ?? []).Select(name => components!.Map(name)).OfType<YamlMap>())
        {
            foreach (var direction in new[] { component.Map("inbound"), component.Map("outbound") }.OfType<YamlMap>())
            {
                yield return direction;
            }
        }
    }

    private static Dictionary<string, T> EachMap<T>(YamlMap? map, string key, Func<YamlMap, T> read) =>
        Each(map, key, (each, name) => read(each.Map(name) ?? throw each.Wrong(name, "is empty.")));

    private static Dictionary<string, T> Each<T>(YamlMap? map, string key, Func<YamlMap, string, T> read)
    {
        var each = map?.Map(key);
        return (each?.Keys ?? []).ToDictionary(name => name, name => read(each!, name), StringComparer.Ordinal);
    }

    private static RetryPolicy Retry(YamlMap map, ICollection<string> warnings)
    {
        map.WarnAboutOthers(warnings, "policy", "duration", "maxInterval", "maxRetries", "matching");
        var kind = map.Text("policy") ?? "constant";
        var exponential = kind.ToUpperInvariant() switch
        {
            "CONSTANT" => false,
            "EXPONENTIAL" => true,
            _ => throw map.Wrong("policy", $"is '{kind}'; it must be constant or exponential."),
        };
        WarnIfWithoutEffect(exponential ? "duration" : "maxInterval", exponential ? "constant" : "exponential");
        var matching = map.Map("matching");
        matching?.WarnAboutOthers(warnings, "httpStatusCodes", "gRPCStatusCodes");
        var byDefault = new RetryPolicy();
        return byDefault with
        {
            Exponential = exponential,
            Duration = map.Duration("duration") ?? byDefault.Duration,
            MaxInterval = map.Duration("maxInterval") ?? byDefault.MaxInterval,
            MaxRetries = map.WholeNumber("maxRetries", RetryPolicy.WithoutEnd, int.MaxValue) ?? byDefault.MaxRetries,
            HttpStatusCodes = Codes(matching, "httpStatusCodes", 100, 599),
            GrpcStatusCodes = Codes(matching, "gRPCStatusCodes", 0, 16),
        };

        void WarnIfWithoutEffect(string field, string onlyFor)
        {
            if (map.Has(field))
            {
                warnings.Add($"{map.PositionOf(field)}: {map.PathOf(field)} has no effect: it belongs to {onlyFor} retries.");
            }
        }
    }

    private static StatusCodeRanges? Codes(YamlMap? matching, string field, int least, int most)
    {
        if (matching?.Text(field) is not { } text)
        {
            return null;
        }

        try
        {
            return StatusCodeRanges.Parse(text, least, most);
        }
        catch (FormatException exception)
        {
            throw matching.Wrong(field, exception.Message + ".");
        }
    }

    private static CircuitBreakerPolicy Breaker(YamlMap map, ICollection<string> warnings)
    {
        map.WarnAboutOthers(warnings, "maxRequests", "interval", "timeout", "trip");
        var byDefault = new CircuitBreakerPolicy();
        var timeout = map.Duration("timeout") ?? byDefault.Timeout;
        var maxRequests = map.WholeNumber("maxRequests", 0, int.MaxValue) ?? byDefault.MaxRequests;
        try
        {
            return byDefault with
            {
                // As in the library that Dapr uses, zero means the default.
                MaxRequests = maxRequests == 0 ? byDefault.MaxRequests : maxRequests,
                Interval = map.Duration("interval") ?? byDefault.Interval,
                Timeout = timeout == TimeSpan.Zero ? byDefault.Timeout : timeout,
                Trip = map.Text("trip") is { } trip ? CelExpression.Parse(trip, CircuitBreakerPolicy.TripVariables) : byDefault.Trip,
            };
        }
        catch (CelSyntaxException exception)
        {
            throw map.Wrong("trip", $"cannot be read: {exception.Message}.");
        }
    }

    private static AppTarget App(YamlMap map, ICollection<string> warnings)
    {
        map.WarnAboutOthers(warnings, "timeout", "retry", "circuitBreaker", "circuitBreakerCacheSize");
        var size = map.WholeNumber("circuitBreakerCacheSize", 0, int.MaxValue) ?? 0;
        return new AppTarget(Names(map), size == 0 ? AppTarget.DefaultCircuitBreakerCacheSize : size);
    }

    private static ComponentTarget Component(YamlMap map, ICollection<string> warnings)
    {
        map.WarnAboutOthers(warnings, "inbound", "outbound");
        return new ComponentTarget(Direction("inbound"), Direction("outbound"));

        PolicyNames? Direction(string name)
        {
            var direction = map.Map(name);
            direction?.WarnAboutOthers(warnings, "timeout", "retry", "circuitBreaker");
            return direction is null ? null : Names(direction);
        }
    }

    private static PolicyNames Names(YamlMap map) => new(map.Text("timeout"), map.Text("retry"), map.Text("circuitBreaker"));
}
