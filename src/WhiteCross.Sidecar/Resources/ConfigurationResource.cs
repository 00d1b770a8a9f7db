namespace WhiteCross.Sidecar.Resources;

/// <summary>The sidecar's own settings.</summary>
public sealed record ConfigurationResource
{
    /// <summary>What holds where there is no file: nothing traced, nothing restricted.</summary>
    public static ConfigurationResource Default { get; } = new();

    /// <summary>The resource's name; empty where there is none.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Tracing.</summary>
    public TracingConfiguration Tracing { get; init; } = new();

    /// <summary>Which secrets the app may read.</summary>
    public IReadOnlyList<SecretScope> SecretScopes { get; init; } = [];

    /// <summary>Which of the sidecar's APIs the app may use.</summary>
    public ApiAccess Apis { get; init; } = ApiAccess.Open;

    /// <summary>Workflow turns executed at once; null: no limit.</summary>
    public int? MaxConcurrentWorkflowInvocations { get; init; }

    /// <summary>Workflow activities executed at once; null: no limit.</summary>
    public int? MaxConcurrentActivityInvocations { get; init; }

    /// <summary>Features that are switched on or off by name; the local sidecar only shows them.</summary>
    public IReadOnlyDictionary<string, bool> Features { get; init; } = new Dictionary<string, bool>();

    /// <summary>How sidecars find each other; null: the default.</summary>
    public NameResolutionConfiguration? NameResolution { get; init; }

    /// <summary>Whether the app may read a secret.</summary>
    /// <param name="store">The secret store.</param>
    /// <param name="secret">The secret's name.</param>
    public bool AllowsSecret(string store, string secret) =>
        SecretScopes.FirstOrDefault(scope => scope.StoreName == store)?.Allows(secret) ?? true;
}

/// <summary>What is traced, and where it goes.</summary>
public sealed record TracingConfiguration
{
    /// <summary>The share of traces that are recorded, 0 to 1; 0, the default here, switches tracing off.</summary>
    public double SamplingRate { get; init; }

    /// <summary>Whether spans are written to the console.</summary>
    public bool Stdout { get; init; }

    /// <summary>Zipkin's address, <c>http://host:9411/api/v2/spans</c>; null: none.</summary>
    public Uri? ZipkinEndpoint { get; init; }

    /// <summary>The OpenTelemetry collector's address, <c>host:4317</c>; null: none.</summary>
    public string? OtelEndpoint { get; init; }

    /// <summary>Whether the collector is spoken to over TLS.</summary>
    public bool OtelIsSecure { get; init; } = true;

    /// <summary>The collector's protocol, <c>grpc</c> or <c>http</c>.</summary>
    public string OtelProtocol { get; init; } = "grpc";

    /// <summary>Whether anything is traced.</summary>
    public bool IsOn => SamplingRate > 0;
}

/// <summary>Which secrets of one store the app may read.</summary>
/// <param name="StoreName">The secret store.</param>
/// <param name="AllowsByDefault">What holds for secrets that are in neither list.</param>
/// <param name="Allowed">Where not empty, only these.</param>
/// <param name="Denied">Never these.</param>
public sealed record SecretScope(string StoreName, bool AllowsByDefault, IReadOnlyList<string> Allowed, IReadOnlyList<string> Denied)
{
    /// <summary>Whether the app may read a secret.</summary>
    /// <param name="secret">Its name.</param>
    public bool Allows(string secret) => Allowed.Count > 0
        ? Allowed.Contains(secret, StringComparer.Ordinal)
        : AllowsByDefault && !Denied.Contains(secret, StringComparer.Ordinal);
}
