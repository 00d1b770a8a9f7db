using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Tests.Resources;

namespace WhiteCross.Sidecar.Tests.Resiliency;

public sealed class ResiliencyLoadingTests : IDisposable
{
    private readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Policies_and_targets_are_read()
    {
        _folder.With("r.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: delivery }
            spec:
              policies:
                timeouts: { handler: 30s, short: 500 }
                retries:
                  quick: { policy: Constant, duration: 2s, maxRetries: 4, matching: { httpStatusCodes: "429,500-599", gRPCStatusCodes: "4,8-14" } }
                  grow:  { policy: exponential, maxInterval: 15s, maxRetries: 5 }
                circuitBreakers:
                  provider: { maxRequests: 2, interval: 30s, timeout: 45s, trip: "consecutiveFailures >= 5" }
              targets:
                apps:       { search: { timeout: handler, retry: quick, circuitBreaker: provider, circuitBreakerCacheSize: 10 } }
                actors:     { cart: { timeout: handler, circuitBreakerScope: both } }
                components: { jobs: { inbound: { timeout: handler, retry: grow }, outbound: { retry: quick } } }
            scopes: [ message-delivery ]
            """);

        var resources = _folder.Load();
        var resource = Assert.Single(resources.Resiliency);
        Assert.Empty(resources.Warnings);
        Assert.Empty(_folder.Load("other").Resiliency);
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(500)), (resource.Timeouts["handler"], resource.Timeouts["short"]));
        var quick = resource.Retries["quick"];
        Assert.Equal((false, TimeSpan.FromSeconds(2), 4), (quick.Exponential, quick.Duration, quick.MaxRetries));
        Assert.Equal(
            [true, true, false, true, false],
            new[] { quick.HttpStatusCodes!.Contains(429), quick.HttpStatusCodes.Contains(503), quick.HttpStatusCodes.Contains(404), quick.GrpcStatusCodes!.Contains(14), quick.GrpcStatusCodes.Contains(5) });
        var grow = resource.Retries["grow"];
        Assert.Equal((true, TimeSpan.FromSeconds(15), 5), (grow.Exponential, grow.MaxInterval, grow.MaxRetries));
        var breaker = resource.CircuitBreakers["provider"];
        Assert.Equal((2, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(45), "consecutiveFailures >= 5"), (breaker.MaxRequests, breaker.Interval, breaker.Timeout, breaker.Trip.Text));
        Assert.Equal(new AppTarget(new PolicyNames("handler", "quick", "provider"), 10), resource.Apps["search"]);
        Assert.Equal(new ComponentTarget(new PolicyNames("handler", "grow", null), new PolicyNames(null, "quick", null)), resource.Components["jobs"]);
    }

    [Fact]
    public void What_is_not_set_has_Daprs_defaults()
    {
        _folder.With("r.yaml", Policies("retries: { r: {} }", "circuitBreakers: { c: {} }"));
        var resource = Assert.Single(_folder.Load().Resiliency);
        var retry = resource.Retries["r"];
        Assert.Equal((false, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60), -1), (retry.Exponential, retry.Duration, retry.MaxInterval, retry.MaxRetries));
        var breaker = resource.CircuitBreakers["c"];
        Assert.Equal((1, TimeSpan.Zero, TimeSpan.FromSeconds(60), "consecutiveFailures > 5"), (breaker.MaxRequests, breaker.Interval, breaker.Timeout, breaker.Trip.Text));
    }

    [Theory]
    [InlineData("timeouts: { t: 30 s }", "r.yaml:6: spec.policies.timeouts.t is '30 s'; it must be a duration such as 500ms, 2s or 1m30s, or an integer of milliseconds.")]
    [InlineData("timeouts: { t: }", "r.yaml:6: spec.policies.timeouts.t is empty; it must be a duration such as 30s.")]
    [InlineData("retries: { r: { policy: linear } }", "r.yaml:6: spec.policies.retries.r.policy is 'linear'; it must be constant or exponential.")]
    [InlineData("retries: { r: { maxRetries: -2 } }", "r.yaml:6: spec.policies.retries.r.maxRetries is '-2'; it must be an integer between -1 and 2147483647.")]
    [InlineData("retries: { r: { matching: { httpStatusCodes: \"500-600\" } } }", "r.yaml:6: spec.policies.retries.r.matching.httpStatusCodes has '500-600'; it must be a list of codes and ranges between 100 and 599, such as 429,500-599.")]
    [InlineData("retries: { r: { matching: { gRPCStatusCodes: \"14-4\" } } }", "r.yaml:6: spec.policies.retries.r.matching.gRPCStatusCodes has '14-4'; it must be a list of codes and ranges between 0 and 16, such as 4,8-14.")]
    [InlineData("circuitBreakers: { c: { trip: \"failures > 5\" } }", "r.yaml:6: spec.policies.circuitBreakers.c.trip cannot be read: 'failures' is not known; there is requests, totalSuccesses, totalFailures, consecutiveSuccesses, consecutiveFailures, found at character 1 of 'failures > 5'.")]
    [InlineData("timeouts: [ a ]", "r.yaml:6: spec.policies.timeouts must be a mapping, not a sequence.")]
    public void A_wrong_policy_is_told_with_its_place(string policy, string problem) =>
        Assert.Equal(problem, Assert.Single(_folder.With("r.yaml", Policies(policy)).Problems()));

    [Theory]
    [InlineData("apps: { a: { retry: missing } }", "r.yaml:8: spec.targets.apps.a.retry names the policy 'missing', which is not there; there is slow.")]
    [InlineData("components: { a: { inbound: { timeout: slow } } }", "r.yaml:8: spec.targets.components.a.inbound.timeout names the policy 'slow', which is not there.")]
    public void A_target_of_a_policy_that_is_not_there_is_told(string target, string problem) =>
        Assert.Equal(problem, Assert.Single(_folder.With("r.yaml", Policies("retries: { slow: {} }") + $"  targets:\n    {target}\n").Problems()));

    [Fact]
    public void A_target_may_name_a_policy_of_another_file()
    {
        _folder.With("a.yaml", Policies("retries: { slow: {} }")).With("b.yaml", Policies("timeouts: {}") + "  targets: { apps: { a: { retry: slow } } }\n");
        Assert.Equal(2, _folder.Load().Resiliency.Count);
    }

    [Theory]
    [InlineData("retries: { r: { policy: exponential, initialInterval: 1s } }", "r.yaml:6: spec.policies.retries.r.initialInterval is not known to Dapr and is ignored; known are policy, duration, maxInterval, maxRetries, matching.")]
    [InlineData("retries: { r: { policy: exponential, duration: 1s } }", "r.yaml:6: spec.policies.retries.r.duration has no effect: it belongs to constant retries.")]
    [InlineData("retries: { r: { maxInterval: 1s } }", "r.yaml:6: spec.policies.retries.r.maxInterval has no effect: it belongs to exponential retries.")]
    public void What_has_no_effect_in_Dapr_is_warned_about(string policy, string warning) =>
        Assert.Equal(warning, Assert.Single(_folder.With("r.yaml", Policies(policy)).Warnings()));

    [Fact]
    public void A_second_document_of_a_file_is_refused_since_Dapr_would_not_read_it()
    {
        _folder.With("r.yaml", Policies("retries: { slow: {} }") + "---\n" + Policies("retries: { quick: {} }"));
        Assert.Equal(
            "r.yaml:8: a Resiliency must be the first document of its file: Dapr reads no other. Give it a file of its own.",
            Assert.Single(_folder.Problems()));
    }

    private static string Policies(params string[] policies) =>
        "apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: { name: r }\nspec:\n  policies:\n"
        + string.Concat(policies.Select(policy => $"    {policy}\n"));
}
