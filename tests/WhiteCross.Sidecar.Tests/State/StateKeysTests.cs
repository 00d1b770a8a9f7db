using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.State;
using WhiteCross.Sidecar.Tests.Resources;

namespace WhiteCross.Sidecar.Tests.State;

public sealed class StateKeysTests : IDisposable
{
    private readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "prod", "app||k")]
    [InlineData("appid", "prod", "app||k")]
    [InlineData("AppId", "prod", "app||k")]
    [InlineData("name", "prod", "jobs||k")]
    [InlineData("namespace", "prod", "prod.app||k")]
    [InlineData("namespace", "", "app||k")]
    [InlineData("none", "prod", "k")]
    [InlineData("shared", "prod", "shared||k")]
    public void The_prefix_is_the_components(string strategy, string namespaceName, string inStore)
    {
        var keys = StateKeys.Of(Component(strategy), "app", namespaceName);
        Assert.Equal(inStore, keys.InStore("k"));
    }

    [Fact]
    public void A_key_with_the_separator_is_malformed()
    {
        var exception = Assert.Throws<StateStoreException>(() => StateKeys.Of(Component("none"), "app", "").InStore("a||b"));
        Assert.Equal(
            (StateStoreFailure.MalformedRequest, "the state key 'a||b' contains '||', which Dapr keeps for itself"), (exception.Failure, exception.Message));
    }

    [Fact]
    public void A_prefix_with_the_separator_is_refused()
    {
        var exception = Assert.Throws<ResourceException>(() => StateKeys.Of(Component("a||b"), "app", ""));
        Assert.Equal("jobs.yaml:9: keyPrefix of component 'jobs' is 'a||b'; it must be appid, name, namespace, none, or a text without ||.", _folder.Short(exception.Message));
    }

    [Fact]
    public void The_time_to_live_of_a_request_is_an_integer()
    {
        Assert.Equal(60, StateTtl.Read(new Dictionary<string, string> { ["ttlInSeconds"] = "60" }));
        Assert.Null(StateTtl.Read(new Dictionary<string, string>()));
        Assert.Null(StateTtl.Read(null));
        var exception = Assert.Throws<StateStoreException>(() => StateTtl.Read(new Dictionary<string, string> { ["ttlInSeconds"] = "1m" }));
        Assert.Equal("ttlInSeconds is not an integer of seconds", exception.Message);
    }

    private ComponentResource Component(string keyPrefix) => _folder.WithComponent($"- {{ name: keyPrefix, value: \"{keyPrefix}\" }}", "state.redis").LoadOne("app");
}
