namespace WhiteCross.Sidecar.Resources;

/// <summary>A component: what it is called, what it is, and how it is set.</summary>
/// <param name="Header">Name, scopes, place.</param>
/// <param name="Type">Its type, such as <c>pubsub.redis</c>.</param>
/// <param name="Version">Its version, <c>v1</c>.</param>
/// <param name="InitTimeout">How long its start may take; 5 s by default.</param>
/// <param name="IgnoreErrors">Whether the sidecar starts without it when it fails to start.</param>
/// <param name="Metadata">Its settings, with references and templates resolved.</param>
public sealed record ComponentResource(
    ResourceHeader Header, string Type, string Version, TimeSpan InitTimeout, bool IgnoreErrors, ComponentMetadata Metadata)
{
    /// <summary>How long a component may take to start when it does not say, as in Dapr.</summary>
    public static readonly TimeSpan DefaultInitTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The component's name, as apps use it.</summary>
    public string Name => Header.Name;

    /// <summary>What kind of component it is.</summary>
    public ComponentKind Kind => KnownComponents.KindOf(Type);
}
