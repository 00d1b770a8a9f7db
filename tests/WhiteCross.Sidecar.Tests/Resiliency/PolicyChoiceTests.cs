using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Tests.Resources;

namespace WhiteCross.Sidecar.Tests.Resiliency;

/// <summary>Which policy applies to what.</summary>
public sealed class PolicyChoiceTests : IDisposable
{
    private readonly ResourceFolder _folder = new();
    private readonly CallRecorder _calls = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("DefaultPubsubComponentInboundRetryPolicy", 4, 1, 1)]
    [InlineData("DefaultComponentInboundRetryPolicy", 4, 1, 1)]
    [InlineData("DefaultComponentOutboundRetryPolicy", 1, 4, 1)]
    [InlineData("DefaultStatestoreComponentOutboundRetryPolicy", 1, 1, 1)]
    [InlineData("DefaultComponentRetryPolicy", 4, 4, 1)]
    [InlineData("DefaultRetryPolicy", 4, 4, 4)]
    [InlineData("DefaultAppRetryPolicy", 1, 1, 4)]
    public async Task Default_policies_apply_by_their_names(string name, int inbound, int outbound, int app)
    {
        var provider = Provider($"retries: {{ {name}: {{ duration: 1s, maxRetries: 3 }} }}");
        Assert.Equal(inbound, await AttemptsAsync(provider.ForComponentInbound("jobs")));
        Assert.Equal(outbound, await AttemptsAsync(provider.ForComponentOutbound("jobs", ComponentKind.Pubsub)));
        Assert.Equal(app, await AttemptsAsync(provider.ForApp("search", "http://a")));
    }

    [Fact]
    public async Task The_most_specific_default_counts()
    {
        var provider = Provider("retries: { DefaultRetryPolicy: { duration: 1s, maxRetries: 1 }, DefaultComponentInboundRetryPolicy: { duration: 1s, maxRetries: 2 }, DefaultPubsubComponentInboundRetryPolicy: { duration: 1s, maxRetries: 3 } }");
        Assert.Equal(4, await AttemptsAsync(provider.ForComponentInbound("jobs")));
        Assert.Equal(3, await AttemptsAsync(provider.ForComponentInbound("jobs", ComponentKind.Statestore)));
        Assert.Equal(2, await AttemptsAsync(provider.ForComponentOutbound("jobs", ComponentKind.Pubsub)));
    }

    [Fact]
    public async Task A_component_with_any_target_has_no_defaults_in_the_other_direction_either()
    {
        var provider = Provider(
            "retries: { DefaultRetryPolicy: { duration: 1s, maxRetries: 1 }, mine: { duration: 1s, maxRetries: 4 } }",
            "components: { jobs: { inbound: { retry: mine } } }");
        Assert.Equal(5, await AttemptsAsync(provider.ForComponentInbound("jobs")));
        Assert.Equal(1, await AttemptsAsync(provider.ForComponentOutbound("jobs", ComponentKind.Pubsub)));
        Assert.Equal(2, await AttemptsAsync(provider.ForComponentInbound("other")));
    }

    [Fact]
    public async Task A_later_document_replaces_policies_and_targets_of_the_same_name()
    {
        _folder.With("a.yaml", Document("retries: { r: { duration: 1s, maxRetries: 1 } }", "components: { jobs: { inbound: { retry: r } } }"))
            .With("b.yaml", Document("retries: { r: { duration: 1s, maxRetries: 2 } }", "components: { jobs: { outbound: { retry: r } } }"));
        var provider = new ResiliencyProvider(_folder.Load().Resiliency, _calls.Time);
        Assert.Equal(1, await AttemptsAsync(provider.ForComponentInbound("jobs")));
        Assert.Equal(3, await AttemptsAsync(provider.ForComponentOutbound("jobs", ComponentKind.Pubsub)));
    }

    [Fact]
    public async Task Service_invocation_without_a_retry_repeats_an_unavailable_sidecar_three_times_and_nothing_else()
    {
        var policy = Provider("timeouts: {}").ForApp("search", "http://a");
        var exception = await Assert.ThrowsAsync<PolicyFailureException>(() => _calls.RunAsync(policy, _ => throw new StatusCodeException(null, 14), Cancel));
        Assert.Equal(4, exception.Attempts);
        Assert.Equal([1000, 1000, 1000], _calls.Pauses);
        await Assert.ThrowsAsync<StatusCodeException>(() => _calls.RunAsync(policy, _ => throw new StatusCodeException(null, 5), Cancel));
        Assert.Single(_calls.Attempts);
        await Assert.ThrowsAsync<StatusCodeException>(() => _calls.RunAsync(policy, _ => throw new StatusCodeException(500, null), Cancel));
        Assert.Single(_calls.Attempts);
    }

    [Fact]
    public async Task The_calls_at_start_are_repeated_three_times_within_seconds()
    {
        Assert.Equal(4, await AttemptsAsync(new ResiliencyProvider([], _calls.Time).ForInitialization()));
        Assert.All(_calls.Pauses, pause => Assert.InRange(pause, 249, 1501));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(5, 6)]
    public async Task A_built_in_policy_can_be_made_longer_and_not_shorter(int maxRetries, int attempts)
    {
        var provider = Provider($"retries: {{ DaprBuiltInInitializationRetries: {{ duration: 1s, maxRetries: {maxRetries} }} }}");
        Assert.Equal(attempts, await AttemptsAsync(provider.ForInitialization()));
    }

    [Fact]
    public async Task Both_directions_of_a_component_share_a_breaker_and_endpoints_of_an_app_do_not()
    {
        var provider = Provider(
            "circuitBreakers: { c: { trip: \"consecutiveFailures >= 1\" } }",
            "{ components: { jobs: { inbound: { circuitBreaker: c }, outbound: { circuitBreaker: c } } }, apps: { search: { circuitBreaker: c, circuitBreakerCacheSize: 2 } } }");
        Assert.Equal(1, await AttemptsAsync(provider.ForComponentInbound("jobs")));
        Assert.Equal(CircuitState.Open, provider.ForComponentOutbound("jobs", ComponentKind.Pubsub).CircuitBreaker!.State);

        Assert.Equal(1, await AttemptsAsync(provider.ForApp("search", "http://a")));
        Assert.Equal(CircuitState.Open, provider.ForApp("search", "http://a").CircuitBreaker!.State);
        Assert.Equal(CircuitState.Closed, provider.ForApp("search", "http://b").CircuitBreaker!.State);
        // A third endpoint pushes out the one that was asked for the longest ago.
        _ = provider.ForApp("search", "http://c");
        Assert.Equal(CircuitState.Closed, provider.ForApp("search", "http://a").CircuitBreaker!.State);
    }

    private async Task<int> AttemptsAsync(ResiliencePolicy policy)
    {
        await Assert.ThrowsAnyAsync<Exception>(() => _calls.RunAsync(policy, _ => throw new IOException(), Cancel));
        return _calls.Attempts.Count;
    }

    private ResiliencyProvider Provider(string policies, string? targets = null) =>
        new(_folder.With("r.yaml", Document(policies, targets)).Load().Resiliency, _calls.Time);

    private static string Document(string policies, string? targets) =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: {{ name: r }}\nspec:\n  policies:\n    {policies}\n"
        + (targets is null ? string.Empty : $"  targets:\n    {targets}\n");
}
