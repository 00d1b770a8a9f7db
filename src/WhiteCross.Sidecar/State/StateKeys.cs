using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.State;

/// <summary>
/// Puts the prefix before an app's keys: <c>&lt;prefix&gt;||&lt;key&gt;</c>. The component's <c>keyPrefix</c> says which: <c>appid</c> (default),
/// <c>name</c> (of the component), <c>namespace</c> (<c>&lt;namespace&gt;.&lt;app id&gt;</c>), <c>none</c>, or any other text as it is.
/// </summary>
public sealed class StateKeys
{
    private const string Separator = "||";

    private readonly string _prefix;

    private StateKeys(string prefix) => _prefix = prefix;

    /// <summary>The prefix of a component for an app.</summary>
    /// <param name="component">The state store's component.</param>
    /// <param name="appId">The app.</param>
    /// <param name="namespaceName">The sidecar's namespace; where it is empty, <c>namespace</c> means <c>appid</c>.</param>
    public static StateKeys Of(ComponentResource component, string appId, string namespaceName)
    {
        ArgumentNullException.ThrowIfNull(component);
        var strategy = component.Metadata.Text("keyPrefix") ?? "appid";
        return strategy.ToUpperInvariant() switch
        {
            "NONE" => new StateKeys(string.Empty),
            "APPID" => new StateKeys(appId + Separator),
            "NAME" => new StateKeys(component.Name + Separator),
            "NAMESPACE" => new StateKeys((string.IsNullOrEmpty(namespaceName) ? appId : $"{namespaceName}.{appId}") + Separator),
            _ => strategy.Contains(Separator, StringComparison.Ordinal)
                ? throw component.Metadata.Wrong("keyPrefix", "appid, name, namespace, none, or a text without ||")
                : new StateKeys(strategy + Separator),
        };
    }

    /// <summary>The key in the store.</summary>
    /// <param name="key">The app's key.</param>
    /// <exception cref="StateStoreException">It contains <c>||</c>, which separates the prefix.</exception>
    public string InStore(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Contains(Separator, StringComparison.Ordinal)
            ? throw new StateStoreException(StateStoreFailure.MalformedRequest, $"the state key '{key}' contains '{Separator}', which Dapr keeps for itself")
            : _prefix + key;
    }
}
