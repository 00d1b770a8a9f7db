namespace WhiteCross.Sidecar.Resources;

/// <summary>What one app's sidecar finds in its resource files.</summary>
public record ResourceSet
{
    /// <summary>The components in the order of files and documents, secret stores first.</summary>
    public IReadOnlyList<ComponentResource> Components { get; init; } = [];

    /// <summary>The declarative subscriptions; of two for the same topic, only the first.</summary>
    public IReadOnlyList<SubscriptionResource> Subscriptions { get; init; } = [];

    /// <summary>The sidecar's own settings.</summary>
    public ConfigurationResource Configuration { get; init; } = ConfigurationResource.Default;

    /// <summary>What Dapr ignores in these files, each with file and line; worth a warning in the log.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
