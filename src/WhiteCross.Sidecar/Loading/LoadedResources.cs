using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Secrets;

namespace WhiteCross.Sidecar.Loading;

/// <summary>What one app's sidecar loads: the resources, and what the building blocks have made of theirs.</summary>
public sealed record LoadedResources : ResourceSet
{
    /// <summary>The secret stores among the components, by name, ready for use.</summary>
    public IReadOnlyDictionary<string, ISecretStore> SecretStores { get; init; } = new Dictionary<string, ISecretStore>();

    /// <summary>The resiliency documents, in the order of files; later ones win.</summary>
    public IReadOnlyList<ResiliencyResource> Resiliency { get; init; } = [];
}
