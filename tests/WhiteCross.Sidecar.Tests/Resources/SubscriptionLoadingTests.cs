using System.Text.Json;

namespace WhiteCross.Sidecar.Tests.Resources;

public sealed class SubscriptionLoadingTests : IDisposable
{
    private readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_second_version_has_rules_a_default_a_dead_letter_topic_and_bulk()
    {
        _folder.With("s.yaml", """
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata: { name: orders }
            spec:
              pubsubname: jobs
              topic: orders
              routes: { rules: [ { match: "event.type == 'urgent'", path: urgent } ], default: /orders }
              deadLetterTopic: orders.dead
              bulkSubscribe: { enabled: true, maxAwaitDurationMs: 40 }
              metadata: { rawPayload: "true" }
            scopes: [ message-delivery ]
            """);

        var subscription = Assert.Single(_folder.Load().Subscriptions);
        Assert.Equal(("orders", "jobs", "orders", "orders.dead"), (subscription.Name, subscription.PubSubName, subscription.Topic, subscription.DeadLetterTopic));
        Assert.Equal(["/urgent", "/orders"], subscription.Rules.Select(rule => rule.Path));
        Assert.True(subscription.Rules[0].Match!.Matches(JsonDocument.Parse("""{"type":"urgent"}""").RootElement));
        Assert.Null(subscription.Rules[1].Match);
        Assert.Equal((100, TimeSpan.FromMilliseconds(40)), (subscription.BulkSubscribe!.MaxMessagesCount, subscription.BulkSubscribe.MaxAwaitDuration));
        Assert.True(subscription.RawPayload);
        Assert.Empty(_folder.Load("other").Subscriptions);
    }

    [Fact]
    public void The_first_version_has_one_route()
    {
        _folder.With("s.yaml", Subscription("v1alpha1", "route: orders"));
        var subscription = Assert.Single(_folder.Load().Subscriptions);
        Assert.Equal("/orders", Assert.Single(subscription.Rules).Path);
        Assert.Null(subscription.BulkSubscribe);
        Assert.Null(subscription.DeadLetterTopic);
    }

    [Fact]
    public void Of_two_for_one_topic_the_first_counts_and_one_without_a_route_is_dropped()
    {
        _folder.With("a.yaml", Subscription("v1alpha1", "route: /first"))
            .With("b.yaml", Subscription("v1alpha1", "route: /second"))
            .With("c.yaml", Subscription("v2alpha1", "routes: {}"));
        Assert.Equal("/first", Assert.Single(Assert.Single(_folder.Load().Subscriptions).Rules).Path);
        Assert.Equal(
            [
                "b.yaml:1: there is another subscription to 'orders' of 'jobs' before this one; Dapr takes the first.",
                "c.yaml:5: subscription 's' has no route and is dropped.",
            ],
            _folder.Warnings());
    }

    [Theory]
    [InlineData("routes: { rules: [ { match: \"event.type = 'x'\", path: /x } ] }", "s.yaml:7: spec.routes.rules[0].match cannot be read: '=' is not part of the language at character 12 of 'event.type = 'x''.")]
    [InlineData("routes: { rules: [ { match: \"evnt.type == 'x'\", path: /x } ] }", "s.yaml:7: spec.routes.rules[0].match cannot be read: 'evnt' is not known; there is event, found at character 1 of 'evnt.type == 'x''.")]
    [InlineData("routes: { rules: [ { match: \"true\" } ] }", "s.yaml:7: spec.routes.rules[0].path is missing; it is required.")]
    [InlineData("bulkSubscribe: { enabled: true, maxMessagesCount: many }\n  routes: { default: /x }", "s.yaml:7: spec.bulkSubscribe.maxMessagesCount is 'many'; it must be an integer between 0 and 2147483647.")]
    [InlineData("bulkSubscribe: { enabled: perhaps }\n  routes: { default: /x }", "s.yaml:7: spec.bulkSubscribe.enabled is 'perhaps'; it must be true or false.")]
    public void What_is_wrong_is_told_with_its_place(string lines, string problem) =>
        Assert.Equal(problem, Assert.Single(_folder.With("s.yaml", Subscription("v2alpha1", lines)).Problems()));

    private static string Subscription(string version, string lines) =>
        $"apiVersion: dapr.io/{version}\nkind: Subscription\nmetadata: {{ name: s }}\nspec:\n  pubsubname: jobs\n  topic: orders\n  {lines}\n";
}
