using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Running;

namespace WhiteCross.Sidecar.Http;

/// <summary>What the metadata tells in both of its forms.</summary>
internal static class RuntimeMetadata
{
    private static readonly string[] RedisState = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE"];

    // What is on by default in daprd.
    private static readonly string[] DefaultFeatures = ["HotReload", "WorkflowsRemoteActivityReminder"];

    public static IReadOnlyList<string> CapabilitiesOf(ComponentResource component) =>
        component.Type != KnownComponents.StateRedis ? []
        : component.Metadata.Flag("actorStateStore") ? [.. RedisState, "ACTOR"]
        : RedisState;

    public static IReadOnlyList<string> FeaturesOf(ConfigurationResource configuration) =>
    [
        .. DefaultFeatures.Where(name => configuration.Features.GetValueOrDefault(name, true)),
        .. configuration.Features.Where(feature => feature.Value && !DefaultFeatures.Contains(feature.Key)).Select(feature => feature.Key),
    ];

    /// <summary>Whether there are actors: what workflows run on. The placement service that daprd needs for them is inside here.</summary>
    public static bool HasActors(SidecarRuntime runtime) =>
        runtime.Resources.Components.Any(component => component.Kind == ComponentKind.Statestore && component.Metadata.Flag("actorStateStore"));
}
