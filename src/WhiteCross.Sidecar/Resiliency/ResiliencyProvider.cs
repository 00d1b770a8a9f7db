using System.Collections.Concurrent;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>Finds the policy of a call among the documents; later documents win. Defaults by name as in Dapr (dapr-facts 4.3).</summary>
/// <param name="documents">The documents, in their order.</param>
/// <param name="time">The clock.</param>
public sealed class ResiliencyProvider(IReadOnlyList<ResiliencyResource> documents, TimeProvider time)
{
    private static readonly RetrySettings BuiltInServiceRetries = new() { Duration = TimeSpan.FromSeconds(1), MaxRetries = 3 };
    private readonly ConcurrentDictionary<(string Target, string Policy), CircuitBreaker> _breakers = new();

    /// <summary>The policy of deliveries from a component.</summary>
    /// <param name="component">The component's name.</param>
    /// <param name="kind">Its kind.</param>
    public ResiliencePolicy ForComponentInbound(string component, ComponentKind kind) =>
        Find(component, document => document.Inbound.GetValueOrDefault(component), $"{kind}ComponentInbound", "ComponentInbound", "Component", string.Empty);

    /// <summary>The policy of calls of a component: publish, state, secrets.</summary>
    /// <param name="component">The component's name.</param>
    /// <param name="kind">Its kind.</param>
    public ResiliencePolicy ForComponentOutbound(string component, ComponentKind kind) =>
        Find(component, document => document.Outbound.GetValueOrDefault(component), $"{kind}ComponentOutbound", "ComponentOutbound", "Component", string.Empty);

    /// <summary>The policy of service invocation; without one, Dapr's own: 3 retries after 1 s when the app cannot be reached.</summary>
    /// <param name="appId">The app that is called.</param>
    /// <param name="isBuiltIn">Whether it is Dapr's own, which retries only what did not reach the app.</param>
    public ResiliencePolicy ForApp(string appId, out bool isBuiltIn)
    {
        isBuiltIn = !documents.Any(document => document.Apps.ContainsKey(appId)) && Default(document => document.Retries, "RetryPolicy", "App", string.Empty) is null;
        return isBuiltIn
            ? new ResiliencePolicy(BuiltInServiceRetries, null, null, time)
            : Find($"app/{appId}", document => document.Apps.GetValueOrDefault(appId), "App", string.Empty);
    }

    private ResiliencePolicy Find(string target, Func<ResiliencyResource, TargetSettings?> find, params string[] defaults)
    {
        if (documents.Reverse().FirstOrDefault(candidate => find(candidate) is not null) is { } document)
        {
            var settings = find(document)!;
            return new ResiliencePolicy(
                settings.Retry is null ? null : document.Retries[settings.Retry],
                settings.CircuitBreaker is null ? null : Breaker(target, settings.CircuitBreaker, document.CircuitBreakers[settings.CircuitBreaker]),
                settings.Timeout is null ? null : document.Timeouts[settings.Timeout],
                time);
        }

        var breaker = Default(candidate => candidate.CircuitBreakers, "CircuitBreakerPolicy", defaults);
        return new ResiliencePolicy(
            Default(candidate => candidate.Retries, "RetryPolicy", defaults),
            breaker is null ? null : Breaker(target, "default", breaker),
            documents.Reverse().SelectMany(candidate => defaults.Select(name => $"Default{name}TimeoutPolicy").Where(candidate.Timeouts.ContainsKey).Select(name => (TimeSpan?)candidate.Timeouts[name])).FirstOrDefault(),
            time);
    }

    private T? Default<T>(Func<ResiliencyResource, IReadOnlyDictionary<string, T>> policies, string suffix, params string[] names)
        where T : class =>
        names.Select(name => $"Default{name}{suffix}")
            .SelectMany(name => documents.Reverse().Select(document => policies(document).GetValueOrDefault(name)))
            .FirstOrDefault(policy => policy is not null);

    // One breaker for each component, shared by both directions.
    private CircuitBreaker Breaker(string target, string policy, CircuitBreakerSettings settings) =>
        _breakers.GetOrAdd((target, policy), static (_, state) => new CircuitBreaker(state.settings, state.time), (settings, time));
}
