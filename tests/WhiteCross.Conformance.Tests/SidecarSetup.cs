namespace WhiteCross.Conformance.Tests;

/// <summary>What a sidecar is to be started with, on any runtime.</summary>
internal sealed record SidecarSetup
{
    public required string AppId { get; init; }

    public int? AppPort { get; init; }

    /// <summary>The retry of deliveries, as YAML of a Dapr retry policy; null: none.</summary>
    public string? InboundRetry { get; init; }

    /// <summary>The apps whose invocations are retried, twice after 50 ms.</summary>
    public IReadOnlyList<string> RetriedApps { get; init; } = [];

    /// <summary>The file by which sidecars that are to call each other find each other; null: what is the default.</summary>
    public string? Names { get; init; }

    /// <summary>The file of the Configuration; null: none.</summary>
    public string? ConfigFile => Names is null ? null : Names + ".yaml";

    public int MaxConcurrency { get; init; } = -1;

    public string? ApiToken { get; init; }

    public string? AppToken { get; init; }

    /// <summary>Further settings of the pub/sub component.</summary>
    public IReadOnlyDictionary<string, string> PubSubMetadata { get; init; } = new Dictionary<string, string>();

    public bool HasStateStore { get; init; }

    /// <summary>What the app is not asked for at the start, as daprd's flag has it.</summary>
    public string? DisableInitEndpoints { get; init; }

    /// <summary>Writes the resource files.</summary>
    public void Write(string folder, string redis)
    {
        var metadata = new Dictionary<string, string>(PubSubMetadata) { ["redisHost"] = redis };
        File.WriteAllText(Path.Combine(folder, "pubsub.yaml"), $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.redis
              version: v1
              metadata:
            {string.Join('\n', metadata.Select(item => $"  - name: {item.Key}\n    value: \"{item.Value}\""))}
            """);
        if (HasStateStore)
        {
            File.WriteAllText(Path.Combine(folder, "store.yaml"), $"""
                apiVersion: dapr.io/v1alpha1
                kind: Component
                metadata:
                  name: store
                spec:
                  type: state.redis
                  version: v1
                  metadata:
                  - name: redisHost
                    value: "{redis}"
                  - name: actorStateStore
                    value: "true"
                """);
        }

        if (InboundRetry is not null || RetriedApps.Count > 0)
        {
            File.WriteAllText(Path.Combine(folder, "resiliency.yaml"), $$"""
                apiVersion: dapr.io/v1alpha1
                kind: Resiliency
                metadata:
                  name: conformance
                spec:
                  policies:
                    retries:
                      again: {{InboundRetry ?? "{ policy: constant, duration: 50ms, maxRetries: 2 }"}}
                      call: { policy: constant, duration: 50ms, maxRetries: 2 }
                  targets:
                    components: { {{(InboundRetry is null ? string.Empty : "pubsub: { inbound: { retry: again } }")}} }
                    apps: { {{string.Join(", ", RetriedApps.Select(app => $"{app}: {{ retry: call }}"))}} }
                """);
        }

        if (ConfigFile is not null)
        {
            File.WriteAllText(ConfigFile, $"""
                apiVersion: dapr.io/v1alpha1
                kind: Configuration
                metadata:
                  name: conformance
                spec:
                  nameResolution:
                    component: sqlite
                    version: v1
                    configuration:
                      connectionString: "{Names}"
                """);
        }
    }
}
