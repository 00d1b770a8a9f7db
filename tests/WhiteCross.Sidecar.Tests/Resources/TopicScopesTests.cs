using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Tests.Resources;

public sealed class TopicScopesTests : IDisposable
{
    private readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("allowedTopics", "a, b", "b", true)]
    [InlineData("allowedTopics", "a, b", "c", false)]
    [InlineData("protectedTopics", "a", "a", false)]
    [InlineData("protectedTopics", "a", "b", true)]
    [InlineData("publishingScopes", "app=a, b; other=c", "b", true)]
    [InlineData("publishingScopes", "app=a, b; other=c", "c", false)]
    [InlineData("publishingScopes", "app=", "a", false)]
    [InlineData("publishingScopes", "other=c", "c", true)]
    [InlineData("subscriptionScopes", "app=", "a", true)]
    public void Publishing_is_restricted_as_in_Dapr(string name, string value, string topic, bool allowed) =>
        Assert.Equal(allowed, Scopes($"- {{ name: {name}, value: \"{value}\" }}").MayPublish(topic));

    [Fact]
    public void A_protected_topic_is_for_apps_whose_scope_lists_it()
    {
        var scopes = Scopes("- { name: protectedTopics, value: a }\n- { name: subscriptionScopes, value: app=a }");
        Assert.True(scopes.MaySubscribe("a"));
        Assert.False(scopes.MayPublish("a"));
    }

    [Fact]
    public void A_scope_that_cannot_be_read_is_told()
    {
        var exception = Assert.Throws<ResourceException>(() => Scopes("- { name: publishingScopes, value: app }"));
        Assert.EndsWith("publishingScopes of component 'jobs' is 'app'; it must be a list such as app1=topic1,topic2;app2=topic3.", exception.Message, StringComparison.Ordinal);
    }

    private TopicScopes Scopes(string metadata) => TopicScopes.Of(_folder.WithComponent(metadata).LoadOne("app"), "app");
}
