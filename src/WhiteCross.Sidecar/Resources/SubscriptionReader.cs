using WhiteCross.Sidecar.Cel;

namespace WhiteCross.Sidecar.Resources;

/// <summary>Reads subscriptions of both versions.</summary>
internal static class SubscriptionReader
{
    public static SubscriptionResource? Read(YamlMap document, ICollection<string> warnings)
    {
        document.WarnAboutOthers(warnings, "apiVersion", "kind", "metadata", "spec", "scopes");
        var spec = document.RequiredMap("spec");
        var rules = document.Text("apiVersion") == "dapr.io/v1alpha1" ? FirstVersion(spec, warnings) : SecondVersion(spec, warnings);
        var header = ResourceHeader.Read(document);
        if (rules.Count == 0)
        {
            warnings.Add($"{spec.Position}: subscription '{header.Name}' has no route and is dropped.");
            return null;
        }

        return new SubscriptionResource
        {
            Name = header.Name,
            PubSubName = spec.RequiredText("pubsubname"),
            Topic = spec.RequiredText("topic"),
            Rules = rules,
            DeadLetterTopic = spec.Text("deadLetterTopic"),
            Metadata = new Dictionary<string, string>(spec.TextMap("metadata"), StringComparer.OrdinalIgnoreCase),
            BulkSubscribe = Bulk(spec, warnings),
        };
    }

    private static List<SubscriptionRule> FirstVersion(YamlMap spec, ICollection<string> warnings)
    {
        spec.WarnAboutOthers(warnings, "pubsubname", "topic", "route", "deadLetterTopic", "bulkSubscribe", "metadata");
        return spec.Text("route") is { } route ? [new SubscriptionRule(null, SubscriptionRule.WithSlash(route))] : [];
    }

    private static List<SubscriptionRule> SecondVersion(YamlMap spec, ICollection<string> warnings)
    {
        spec.WarnAboutOthers(warnings, "pubsubname", "topic", "routes", "deadLetterTopic", "bulkSubscribe", "metadata");
        var rules = new List<SubscriptionRule>();
        if (spec.Map("routes") is not { } routes)
        {
            return rules;
        }

        routes.WarnAboutOthers(warnings, "rules", "default");
        foreach (var rule in routes.Maps("rules"))
        {
            rule.WarnAboutOthers(warnings, "match", "path");
            var path = SubscriptionRule.WithSlash(rule.RequiredText("path"));
            try
            {
                rules.Add(new SubscriptionRule(CelExpression.Parse(rule.RequiredText("match"), SubscriptionRule.Variables), path));
            }
            catch (CelSyntaxException exception)
            {
                throw rule.Wrong("match", $"cannot be read: {exception.Message}.");
            }
        }

        if (routes.Text("default") is { } byDefault)
        {
            rules.Add(new SubscriptionRule(null, SubscriptionRule.WithSlash(byDefault)));
        }

        return rules;
    }

    private static BulkSubscribe? Bulk(YamlMap spec, ICollection<string> warnings)
    {
        if (spec.Map("bulkSubscribe") is not { } bulk)
        {
            return null;
        }

        bulk.WarnAboutOthers(warnings, "enabled", "maxMessagesCount", "maxAwaitDurationMs");
        var (count, wait) = (bulk.WholeNumber("maxMessagesCount", 0, int.MaxValue), bulk.WholeNumber("maxAwaitDurationMs", 0, int.MaxValue));
        return bulk.Flag("enabled", false) ? BulkSubscribe.Of(count, wait) : null;
    }
}
