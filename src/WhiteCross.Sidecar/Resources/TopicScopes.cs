namespace WhiteCross.Sidecar.Resources;

/// <summary>Which topics of a pub/sub component an app may publish and subscribe to. Topics and app ids are literal and case-sensitive.</summary>
public sealed class TopicScopes
{
    private readonly HashSet<string> _allowed;
    private readonly HashSet<string> _protected;
    private readonly HashSet<string>? _publishing;
    private readonly HashSet<string>? _subscribing;

    private TopicScopes(HashSet<string> allowed, HashSet<string> protectedTopics, HashSet<string>? publishing, HashSet<string>? subscribing) =>
        (_allowed, _protected, _publishing, _subscribing) = (allowed, protectedTopics, publishing, subscribing);

    /// <summary>Reads allowedTopics, protectedTopics, publishingScopes and subscriptionScopes.</summary>
    /// <param name="component">The pub/sub component.</param>
    /// <param name="appId">The app.</param>
    public static TopicScopes Of(ComponentResource component, string appId)
    {
        ArgumentNullException.ThrowIfNull(component);
        var metadata = component.Metadata;
        return new TopicScopes(
            List(metadata.Text("allowedTopics")),
            List(metadata.Text("protectedTopics")),
            Scope(metadata, "publishingScopes", appId),
            Scope(metadata, "subscriptionScopes", appId));
    }

    /// <summary>Whether the app may publish to a topic.</summary>
    /// <param name="topic">The topic.</param>
    public bool MayPublish(string topic) => May(topic, _publishing);

    /// <summary>Whether the app may subscribe to a topic.</summary>
    /// <param name="topic">The topic.</param>
    public bool MaySubscribe(string topic) => May(topic, _subscribing);

    private bool May(string topic, HashSet<string>? scope)
    {
        if (_allowed.Count > 0 && !_allowed.Contains(topic))
        {
            return false;
        }

        return scope?.Contains(topic) ?? !_protected.Contains(topic);
    }

    private static HashSet<string> List(string? text) => new(
        (text ?? string.Empty).Replace(" ", string.Empty, StringComparison.Ordinal).Split(',', StringSplitOptions.RemoveEmptyEntries),
        StringComparer.Ordinal);

    /// <returns>Null for an app that is not listed, which is unrestricted.</returns>
    private static HashSet<string>? Scope(ComponentMetadata metadata, string name, string appId)
    {
        HashSet<string>? scope = null;
        foreach (var part in (metadata.Text(name) ?? string.Empty).Replace(" ", string.Empty, StringComparison.Ordinal).Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=') is not [var app, var topics])
            {
                throw metadata.Wrong(name, "a list such as app1=topic1,topic2;app2=topic3");
            }

            if (app == appId)
            {
                scope = List(topics);
            }
        }

        return scope;
    }
}
