using WhiteCross.Sidecar.Cel;

namespace WhiteCross.Sidecar.Resources;

/// <summary>A subscription: which events of which topic go to which path of the app.</summary>
public sealed record SubscriptionResource
{
    /// <summary>The resource's name; empty for a subscription that the app declared itself.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>The pub/sub component.</summary>
    public required string PubSubName { get; init; }

    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The rules, of which the first that matches decides; the last one may be without a match, and takes what is left.</summary>
    public required IReadOnlyList<SubscriptionRule> Rules { get; init; }

    /// <summary>Where events go that could not be handled; null: nowhere.</summary>
    public string? DeadLetterTopic { get; init; }

    /// <summary>Settings such as <c>rawPayload</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>How events are delivered in bulk; null: one by one.</summary>
    public BulkSubscribe? BulkSubscribe { get; init; }

    /// <summary>Whether the stored bytes are delivered without being read as a CloudEvent.</summary>
    public bool RawPayload => Metadata.TryGetValue("rawPayload", out var raw) && raw.ToUpperInvariant() is "TRUE" or "T" or "YES" or "Y" or "ON" or "1";
}

/// <summary>A rule of a subscription.</summary>
/// <param name="Match">What an event must fulfil; null: nothing.</param>
/// <param name="Path">The path of the app, with a leading slash.</param>
public sealed record SubscriptionRule(CelExpression? Match, string Path)
{
    /// <summary>The variables that a match may use.</summary>
    public static IReadOnlyList<string> Variables { get; } = ["event"];

    /// <summary>A path with the leading slash that it needs.</summary>
    /// <param name="path">A path with or without one.</param>
    public static string WithSlash(string path) => path.StartsWith('/') ? path : "/" + path;
}

/// <summary>Delivery in bulk.</summary>
/// <param name="MaxMessagesCount">At most so many events at once; 100 by default.</param>
/// <param name="MaxAwaitDuration">How long the first event of a batch waits for others; 1 s by default.</param>
public sealed record BulkSubscribe(int MaxMessagesCount, TimeSpan MaxAwaitDuration)
{
    /// <summary>Events at once where nothing is said, as in Dapr.</summary>
    public const int DefaultMaxMessagesCount = 100;

    /// <summary>Milliseconds of waiting where nothing is said, as in Dapr.</summary>
    public const int DefaultMaxAwaitDurationMs = 1000;

    /// <summary>Bulk delivery as resources and apps declare it: missing and non-positive numbers mean the defaults.</summary>
    /// <param name="maxMessagesCount">Events at once.</param>
    /// <param name="maxAwaitDurationMs">Milliseconds.</param>
    public static BulkSubscribe Of(int? maxMessagesCount, int? maxAwaitDurationMs) => new(
        maxMessagesCount is > 0 and { } count ? count : DefaultMaxMessagesCount,
        TimeSpan.FromMilliseconds(maxAwaitDurationMs is > 0 and { } await ? await : DefaultMaxAwaitDurationMs));
}
