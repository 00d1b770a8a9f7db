using WhiteCross.Sidecar.Delivery;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Running;

namespace WhiteCross.Sidecar.Http;

/// <summary>Health, metadata, shutdown.</summary>
internal static class RuntimeEndpoints
{
    public static void Map(IEndpointRouteBuilder app, SidecarRuntime runtime, SidecarExtendedMetadata extended, IHostApplicationLifetime lifetime)
    {
        app.MapGet("/v1.0/healthz", (string? appid) =>
            appid is { Length: > 0 } && appid != runtime.Options.AppId ? Error("ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match")
            : runtime.IsReady ? Results.NoContent()
            : Error("ERR_HEALTH_NOT_READY", "dapr is not ready"));
        app.MapGet("/v1.0/healthz/outbound", Results.NoContent);
        app.MapGet("/v1.0/metadata", () => Results.Json(Metadata(runtime, extended)));
        app.MapPut("/v1.0/metadata/{key}", async (string key, HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            extended.Set(key, await reader.ReadToEndAsync());
            return Results.NoContent();
        });
        app.MapPost("/v1.0/shutdown", () =>
        {
            lifetime.StopApplication();
            return Results.NoContent();
        });
    }

    private static IResult Error(string code, string message) => Results.Json(new { errorCode = code, message }, statusCode: StatusCodes.Status500InternalServerError);

    /// <summary>As in daprd, members without content are left out.</summary>
    private static Dictionary<string, object> Metadata(SidecarRuntime runtime, SidecarExtendedMetadata extended)
    {
        var metadata = new Dictionary<string, object>
        {
            ["id"] = runtime.Options.AppId,
            ["runtimeVersion"] = SidecarExtendedMetadata.RuntimeVersion,
            ["extended"] = extended.All,
            ["actorRuntime"] = ActorRuntime(RuntimeMetadata.HasActors(runtime)),
        };
        Add("enabledFeatures", RuntimeMetadata.FeaturesOf(runtime.Resources.Configuration));
        Add("components", runtime.Resources.Components.Select(Component));
        Add("subscriptions", runtime.Subscribers.Select(Subscription));
        Add("resiliencies", runtime.Resources.Resiliency.Select(document => new { name = document.Header.Name }));
        if (runtime.Options.AppPort is { } port)
        {
            metadata["appConnectionProperties"] = AppConnection(runtime.Options, port);
        }

        return metadata;

        void Add<T>(string name, IEnumerable<T> items)
        {
            if (items.Any())
            {
                metadata[name] = items;
            }
        }
    }

    private static Dictionary<string, object> ActorRuntime(bool isOn)
    {
        var actors = new Dictionary<string, object> { ["runtimeStatus"] = isOn ? "RUNNING" : "DISABLED", ["hostReady"] = isOn };
        if (isOn)
        {
            actors["placement"] = "placement: connected";
        }

        return actors;
    }

    private static Dictionary<string, object> Component(ComponentResource resource)
    {
        var component = new Dictionary<string, object> { ["name"] = resource.Name, ["type"] = resource.Type, ["version"] = resource.Version };
        if (RuntimeMetadata.CapabilitiesOf(resource) is { Count: > 0 } capabilities)
        {
            component["capabilities"] = capabilities;
        }

        return component;
    }

    private static object Subscription(Subscriber subscriber)
    {
        var subscription = subscriber.Subscription;
        return new
        {
            pubsubname = subscription.PubSubName,
            topic = subscription.Topic,
            rules = subscription.Rules.Select(rule => rule.Match is null ? (object)new { path = rule.Path } : new { match = rule.Match.Text, path = rule.Path }),
            deadLetterTopic = subscription.DeadLetterTopic ?? string.Empty,
            type = subscription.Name.Length == 0 ? "PROGRAMMATIC" : "DECLARATIVE",
        };
    }

    private static Dictionary<string, object> AppConnection(SidecarOptions options, int port)
    {
        var connection = new Dictionary<string, object> { ["port"] = port, ["protocol"] = "http", ["channelAddress"] = options.AppChannelAddress };
        if (options.AppMaxConcurrency > 0)
        {
            connection["maxConcurrency"] = options.AppMaxConcurrency;
        }

        if (options.EnableAppHealthCheck)
        {
            connection["health"] = new
            {
                healthCheckPath = options.AppHealthCheckPath,
                healthProbeInterval = GoDuration.Format(options.AppHealthProbeInterval),
                healthProbeTimeout = GoDuration.Format(options.AppHealthProbeTimeout),
                healthThreshold = options.AppHealthThreshold,
            };
        }

        return connection;
    }
}
