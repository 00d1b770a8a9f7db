namespace WhiteCross.Sidecar.Resources;

/// <summary>The kinds of components, named as Dapr's default resiliency policies name them (<c>DefaultPubsubComponentInboundRetryPolicy</c>).</summary>
public enum ComponentKind
{
    /// <summary>Publish and subscribe: <c>pubsub.*</c>.</summary>
    Pubsub,

    /// <summary>State store: <c>state.*</c>.</summary>
    Statestore,

    /// <summary>Secret store: <c>secretstores.*</c>.</summary>
    Secretstore,
}
