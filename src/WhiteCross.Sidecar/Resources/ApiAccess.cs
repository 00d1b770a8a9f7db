namespace WhiteCross.Sidecar.Resources;

/// <summary>
/// Which of the sidecar's APIs its app may use. A list of allowed ones closes all others of the same protocol; a denied one is closed in any case.
/// What apps call over gRPC beside Dapr's own service (workflows' worker protocol, other apps) is outside of it, as in Dapr.
/// </summary>
/// <param name="Allowed">The allowed APIs.</param>
/// <param name="Denied">The denied APIs.</param>
public sealed record ApiAccess(IReadOnlyList<ApiRule> Allowed, IReadOnlyList<ApiRule> Denied)
{
    /// <summary>Everything is open.</summary>
    public static ApiAccess Open { get; } = new([], []);

    private static readonly Dictionary<string, (string Name, string Version)> GrpcMethods = new(StringComparer.Ordinal)
    {
        ["PublishEvent"] = ("publish", "v1"),
        ["BulkPublishEvent"] = ("publish", "v1"),
        ["BulkPublishEventAlpha1"] = ("publish", "v1alpha1"),
        ["GetState"] = ("state", "v1"),
        ["GetBulkState"] = ("state", "v1"),
        ["SaveState"] = ("state", "v1"),
        ["DeleteState"] = ("state", "v1"),
        ["DeleteBulkState"] = ("state", "v1"),
        ["ExecuteStateTransaction"] = ("state", "v1"),
        ["InvokeBinding"] = ("bindings", "v1"),
        ["GetSecret"] = ("secrets", "v1"),
        ["GetBulkSecret"] = ("secrets", "v1"),
        ["GetMetadata"] = ("metadata", "v1"),
        ["SetMetadata"] = ("metadata", "v1"),
        ["Shutdown"] = ("shutdown", "v1"),
    };

    /// <summary>Whether the app may make an HTTP request.</summary>
    /// <param name="path">The request's path: <c>/v1.0/publish/jobs/topic</c>. Any other path is a service invocation.</param>
    public bool AllowsHttp(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = path.Split('/', 4);
        return parts is ["", { } version, { } name, ..] && version.StartsWith("v1.0", StringComparison.Ordinal)
            ? Allows("http", name, version)
            : AllowsInvocation;
    }

    /// <summary>Whether the app may invoke apps.</summary>
    public bool AllowsInvocation => Allows("http", "invoke", "v1.0");

    /// <summary>Whether the app may call a method of Dapr's gRPC service.</summary>
    /// <param name="method">The method's name: <c>PublishEvent</c>.</param>
    public bool AllowsGrpc(string method) =>
        GrpcMethods.TryGetValue(method, out var api) ? Allows("grpc", api.Name, api.Version) : !Allowed.Any(rule => rule.Protocol == "grpc");

    private bool Allows(string protocol, string name, string version)
    {
        var rule = new ApiRule(name, version, protocol);
        return !Denied.Contains(rule) && (Allowed.Contains(rule) || !Allowed.Any(other => other.Protocol == protocol));
    }
}

/// <summary>An API: <c>publish</c> in version <c>v1.0</c> over <c>http</c>; over <c>grpc</c> the version is <c>v1</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Protocol"><c>http</c> or <c>grpc</c>.</param>
public sealed record ApiRule(string Name, string Version, string Protocol);
