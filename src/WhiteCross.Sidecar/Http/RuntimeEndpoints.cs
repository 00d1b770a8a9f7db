using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Http;

/// <summary>Health, metadata, shutdown.</summary>
internal static class RuntimeEndpoints
{
    public const string RuntimeVersion = "1.18.3";

    private static readonly string[] RedisStateCapabilities = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE"];

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

    private static Dictionary<string, object> Metadata(SidecarRuntime runtime, SidecarExtendedMetadata extended)
    {
        var metadata = new Dictionary<string, object>
        {
            ["id"] = runtime.Options.AppId,
            ["runtimeVersion"] = RuntimeVersion,
            ["components"] = runtime.Resources.Components.Select(component => component.Type == KnownComponents.StateRedis
                ? (object)new { name = component.Name, type = component.Type, version = component.Version, capabilities = RedisStateCapabilities }
                : new { name = component.Name, type = component.Type, version = component.Version }),
            ["extended"] = extended.All,
        };
        if (runtime.Subscribers.Count > 0)
        {
            metadata["subscriptions"] = runtime.Subscribers.Select(subscriber => subscriber.Subscription).Select(subscription => new
            {
                pubsubname = subscription.PubSubName,
                topic = subscription.Topic,
                rules = subscription.Rules.Select(rule => rule.Match is null ? (object)new { path = rule.Path } : new { match = rule.Match.Text, path = rule.Path }),
                deadLetterTopic = subscription.DeadLetterTopic ?? string.Empty,
                type = subscription.Name.Length == 0 ? "PROGRAMMATIC" : "DECLARATIVE",
            });
        }

        if (runtime.Options.AppPort is { } port)
        {
            metadata["appConnectionProperties"] = new { port, protocol = "http", channelAddress = runtime.Options.AppChannelAddress, maxConcurrency = runtime.Options.AppMaxConcurrency };
        }

        return metadata;
    }
}
