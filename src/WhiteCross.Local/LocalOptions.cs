namespace WhiteCross.Local;

/// <summary>What the local system runs on, and where it listens.</summary>
public sealed record LocalOptions
{
    /// <summary>The Redis to run on, <c>host:port</c>; null for everything in memory.</summary>
    public string? Redis { get; init; }

    /// <summary>The gateway's port; the services take the ports after it. Default: 5080. 0: any free ports.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>The port of the gateway's sidecar for HTTP; the other sidecars take the ports after it. Default: 3500. 0: any free ports.</summary>
    public int SidecarHttpPort { get; init; } = 3500;

    /// <summary>The port of the gateway's sidecar for gRPC; the other sidecars take the ports after it. Default: 50001. 0: any free ports.</summary>
    public int SidecarGrpcPort { get; init; } = 50001;

    /// <summary>Where the services keep their databases and files. Default: <c>data</c> in the working directory.</summary>
    public string DataDirectory { get; init; } = Path.GetFullPath("data");

    /// <summary>The folder of the Dapr resources that every sidecar loads. Default: <c>components</c>, looked for from the working directory upwards.</summary>
    public string? ComponentsDirectory { get; init; }

    /// <summary>The hosting environment of all services, such as <c>Development</c>; null for what <c>ASPNETCORE_ENVIRONMENT</c> says, and Development when it says nothing.</summary>
    public string? Environment { get; init; }

    /// <summary>Last changes to a service by its app id, before it is built; null for none.</summary>
    public Action<string, WebApplicationBuilder>? ConfigureService { get; init; }

    /// <summary>Further settings for all services, as <c>Section:Key</c>.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();
}
