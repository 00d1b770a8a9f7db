namespace WhiteCross.Testing.Processes;

/// <summary>What of the system to start, and on what.</summary>
public sealed record ProcessSystemOptions
{
    /// <summary>The Redis, <c>host:port</c>; of a cluster or of Sentinel several, separated by commas.</summary>
    public required string Redis { get; init; }

    /// <summary>The app ids to start of those in dapr.yaml; null: all.</summary>
    public IReadOnlyList<string>? Apps { get; init; }

    /// <summary>Further apps beside those of dapr.yaml, several of one app id too.</summary>
    public IReadOnlyList<ExtraApp> Extra { get; init; } = [];

    /// <summary>Set in the environment of all services and sidecars.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Settings of the pub/sub components that replace those in components/.</summary>
    public IReadOnlyDictionary<string, string> PubSubMetadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Settings of all components on Redis that replace those in components/, or come to them; null takes one away.</summary>
    public IReadOnlyDictionary<string, string?> RedisMetadata { get; init; } = new Dictionary<string, string?>();

    /// <summary>How long a process may take to come up. Default: 60 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>An app of the test's own.</summary>
/// <param name="AppId">Its app id.</param>
/// <param name="Name">What tests and logs call it.</param>
/// <param name="Command">How it is started; it listens at <c>ASPNETCORE_URLS</c>.</param>
public sealed record ExtraApp(string AppId, string Name, IReadOnlyList<string> Command);
