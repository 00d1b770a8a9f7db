using System.Text.Json;
using WhiteCross.Sidecar.Cel;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Delivery;

/// <summary>Reads the subscriptions that an app declares itself.</summary>
internal static partial class AppSubscriptions
{
    /// <returns>None where the answer cannot be read; that is logged.</returns>
    public static IReadOnlyList<SubscriptionResource> Read(byte[] body, ILogger logger)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Array ? Read(document.RootElement, logger) : [];
        }
        catch (JsonException exception)
        {
            LogUnreadable(logger, exception);
            return [];
        }
    }

    private static List<SubscriptionResource> Read(JsonElement list, ILogger logger)
    {
        var subscriptions = new List<SubscriptionResource>();
        foreach (var item in list.EnumerateArray())
        {
            var (pubSub, topic) = (Text(item, "pubsubname"), Text(item, "topic"));
            try
            {
                var rules = Rules(item);
                if (pubSub is null || topic is null || rules.Count == 0)
                {
                    LogWithoutRoute(logger, topic ?? string.Empty);
                    continue;
                }

                subscriptions.Add(new SubscriptionResource
                {
                    PubSubName = pubSub,
                    Topic = topic,
                    Rules = rules,
                    DeadLetterTopic = Text(item, "deadLetterTopic"),
                    Metadata = Metadata(item),
                    BulkSubscribe = Bulk(item),
                });
            }
            catch (CelSyntaxException exception)
            {
                LogWrongMatch(logger, exception, topic ?? string.Empty);
            }
        }

        return subscriptions;
    }

    private static List<SubscriptionRule> Rules(JsonElement item)
    {
        var rules = new List<SubscriptionRule>();
        if (Find(item, "routes") is { ValueKind: JsonValueKind.Object } routes)
        {
            if (Find(routes, "rules") is { ValueKind: JsonValueKind.Array } list)
            {
                foreach (var rule in list.EnumerateArray())
                {
                    if (Text(rule, "path") is { } path)
                    {
                        var match = Text(rule, "match");
                        rules.Add(new SubscriptionRule(
                            string.IsNullOrEmpty(match) ? null : CelExpression.Parse(match, SubscriptionRule.Variables), SubscriptionRule.WithSlash(path)));
                    }
                }
            }

            if (Text(routes, "default") is { Length: > 0 } byDefault)
            {
                rules.Add(new SubscriptionRule(null, SubscriptionRule.WithSlash(byDefault)));
                return rules;
            }
        }

        if (Text(item, "route") is { Length: > 0 } route)
        {
            rules.Add(new SubscriptionRule(null, SubscriptionRule.WithSlash(route)));
        }

        return rules;
    }

    private static Dictionary<string, string> Metadata(JsonElement item)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (Find(item, "metadata") is { ValueKind: JsonValueKind.Object } values)
        {
            foreach (var value in values.EnumerateObject())
            {
                metadata[value.Name] = value.Value.ToString();
            }
        }

        return metadata;
    }

    private static BulkSubscribe? Bulk(JsonElement item)
    {
        if (Find(item, "bulkSubscribe") is not { ValueKind: JsonValueKind.Object } bulk || Find(bulk, "enabled") is not { ValueKind: JsonValueKind.True })
        {
            return null;
        }

        return BulkSubscribe.Of(Number(bulk, "maxMessagesCount"), Number(bulk, "maxAwaitDurationMs"));
    }

    private static int? Number(JsonElement item, string name) =>
        Find(item, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : null;

    private static string? Text(JsonElement item, string name) => Find(item, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    // Names are read case-insensitively: .NET writes pubsubName.
    private static JsonElement? Find(JsonElement item, string name)
    {
        if (item.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in item.EnumerateObject())
            {
                if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return property.Value;
                }
            }
        }

        return null;
    }

    [LoggerMessage(LogLevel.Error, "GET /dapr/subscribe: the answer cannot be read; the app has no subscriptions of its own")]
    private static partial void LogUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The app's subscription to topic '{Topic}' has no route, and is dropped")]
    private static partial void LogWithoutRoute(ILogger logger, string topic);

    [LoggerMessage(LogLevel.Error, "The app's subscription to topic '{Topic}' has a match that cannot be read, and is dropped")]
    private static partial void LogWrongMatch(ILogger logger, Exception exception, string topic);
}
