using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar;

/// <summary>What a sidecar is started with; names and defaults are those of daprd's flags.</summary>
public sealed record SidecarOptions
{
    /// <summary>The app's id.</summary>
    public required string AppId { get; init; }

    /// <summary>The app's port; null: no app, the sidecar only serves its own API.</summary>
    public int? AppPort { get; init; }

    /// <summary>The app's host. Default: 127.0.0.1.</summary>
    public string AppChannelAddress { get; init; } = "127.0.0.1";

    /// <summary>The port of the HTTP API. Default: 3500.</summary>
    public int DaprHttpPort { get; init; } = 3500;

    /// <summary>The port of the gRPC API. Default: 50001.</summary>
    public int DaprGrpcPort { get; init; } = 50001;

    /// <summary>Folders of resources.</summary>
    public IReadOnlyList<string> ResourcesPaths { get; init; } = [];

    /// <summary>The file of the Configuration.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>What the app is not asked for when it starts: <c>config</c>, <c>subscribe</c>. Default: nothing.</summary>
    public IReadOnlyList<string> DisableInitEndpoints { get; init; } = [];

    /// <summary>Calls of the app at once; −1: no limit, the default.</summary>
    public int AppMaxConcurrency { get; init; } = -1;

    /// <summary>The token that callers of the API must send; null: none. Default: DAPR_API_TOKEN.</summary>
    public string? ApiToken { get; init; } = System.Environment.GetEnvironmentVariable("DAPR_API_TOKEN");

    /// <summary>The token that is sent to the app; null: none. Default: APP_API_TOKEN.</summary>
    public string? AppApiToken { get; init; } = System.Environment.GetEnvironmentVariable("APP_API_TOKEN");

    /// <summary>Whether the app's health is probed, and its events wait while it is not healthy. Default: false.</summary>
    public bool EnableAppHealthCheck { get; init; }

    /// <summary>The path of the probe. Default: /healthz.</summary>
    public string AppHealthCheckPath { get; init; } = "/healthz";

    /// <summary>The time between probes. Default: 5 s.</summary>
    public TimeSpan AppHealthProbeInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time that a probe may take. Default: 500 ms.</summary>
    public TimeSpan AppHealthProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Failed probes in a row that make the app unhealthy. Default: 3.</summary>
    public int AppHealthThreshold { get; init; } = 3;

    /// <summary>Bytes of a request or message. Default: 4 MiB.</summary>
    public long MaxBodySize { get; init; } = 4 << 20;

    /// <summary>
    /// Serves all pub/sub and state components from memory, shared by the sidecars that get the same broker; null: on Redis, as the component files say.
    /// </summary>
    public EmbeddedBroker? Broker { get; init; }

    /// <summary>
    /// Whether it finds other sidecars of this machine, and they find it, when the Configuration has no <c>nameResolution</c>: through a file in the
    /// user's <c>.dapr</c> folder. Default: false; the executable sets it.
    /// </summary>
    public bool FindsOthersOnThisMachine { get; init; }

    /// <summary>Where other sidecars of this process listen, for service invocation: the HTTP address by app id.</summary>
    public IReadOnlyDictionary<string, Uri> KnownApps { get; init; } = new Dictionary<string, Uri>();

    /// <summary>
    /// Whether the sidecar sends its spans to where its Configuration says. Default: true. False where they are recorded with the app's, in one process.
    /// </summary>
    public bool ExportsTraces { get; init; } = true;

    /// <summary>What the resources may refer to; null: the process's environment.</summary>
    public ResourceEnvironment? Environment { get; init; }

    /// <summary>Sets up the sidecar's own log; null: the console, warnings only.</summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; init; }
}
