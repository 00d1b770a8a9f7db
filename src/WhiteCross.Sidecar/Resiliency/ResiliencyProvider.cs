using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>
/// Gives the policy of each call, as Dapr chooses it: the target's; where the target has none, the default policies by name
/// (<c>DefaultPubsubComponentInboundRetryPolicy</c> …, the most specific first); where there are none, Dapr's built-in ones. A component with any
/// entry under targets gets no defaults, not even for the direction left out.
/// </summary>
public sealed class ResiliencyProvider
{
    /// <summary>The built-in retries of service invocation: 1 s × 3, only when the other sidecar is unavailable.</summary>
    public const string BuiltInServiceRetries = "DaprBuiltInServiceRetries";

    /// <summary>The built-in retries of the calls to the app at start: from 500 ms to 1 s, × 3, 10 s in all.</summary>
    public const string BuiltInInitializationRetries = "DaprBuiltInInitializationRetries";

    private const int LeastBuiltInRetries = 3;

    private static readonly Dictionary<string, RetryPolicy> BuiltIn = new(StringComparer.Ordinal)
    {
        [BuiltInServiceRetries] = new RetryPolicy { Duration = TimeSpan.FromSeconds(1), MaxRetries = LeastBuiltInRetries },
        [BuiltInInitializationRetries] = new RetryPolicy
        {
            Exponential = true,
            MaxInterval = TimeSpan.FromSeconds(1),
            MaxRetries = LeastBuiltInRetries,
            MaxElapsedTime = TimeSpan.FromSeconds(10),
        },
    };

    private readonly Dictionary<string, TimeSpan> _timeouts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RetryPolicy> _retries = new(BuiltIn, StringComparer.Ordinal);
    private readonly Dictionary<string, CircuitBreakerPolicy> _breakers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AppTarget> _apps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ComponentTarget> _components = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CircuitBreaker> _componentBreakers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CircuitBreakerCache> _appBreakers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Name, bool Inbound, ComponentKind Kind), ResiliencePolicy> _componentPolicies = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Joins the documents: of two policies or targets with the same name, the later counts.</summary>
    /// <param name="resources">The documents in their order.</param>
    /// <param name="time">The clock of pauses, timeouts and breakers.</param>
    /// <param name="logger">Takes a warning at the first retry of a series; null: nobody.</param>
    public ResiliencyProvider(IReadOnlyList<ResiliencyResource> resources, TimeProvider time, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(resources);
        (_time, _logger) = (time, logger ?? NullLogger.Instance);
        foreach (var resource in resources)
        {
            Add(_timeouts, resource.Timeouts);
            Add(_breakers, resource.CircuitBreakers);
            Add(_apps, resource.Apps);
            Add(_components, resource.Components);
            foreach (var (name, retry) in resource.Retries)
            {
                // A built-in policy may be made to try longer, not shorter.
                _retries[name] = BuiltIn.ContainsKey(name) && retry.MaxRetries is >= 0 and < LeastBuiltInRetries
                    ? retry with { MaxRetries = LeastBuiltInRetries }
                    : retry;
            }
        }
    }

    /// <summary>The policy of what a component brings to the app: deliveries of pub/sub.</summary>
    /// <param name="name">The component's name.</param>
    /// <param name="kind">Its kind, for default policies.</param>
    public ResiliencePolicy ForComponentInbound(string name, ComponentKind kind = ComponentKind.Pubsub) => ForComponent(name, inbound: true, kind);

    /// <summary>The policy of calls to a component: publishing, dead letters, state, secrets.</summary>
    /// <param name="name">The component's name.</param>
    /// <param name="kind">Its kind, for default policies.</param>
    public ResiliencePolicy ForComponentOutbound(string name, ComponentKind kind) => ForComponent(name, inbound: false, kind);

    /// <summary>
    /// The policy of service invocation. Where no retry applies, Dapr's built-in one does, inside breaker and timeout: it repeats only answers with
    /// the gRPC codes Unavailable (14) and Unauthenticated (16) of a remote sidecar, which a <see cref="StatusCodeException"/> tells.
    /// </summary>
    /// <param name="appId">The app that is called.</param>
    /// <param name="endpoint">The address of the instance that is called: each has a circuit breaker of its own.</param>
    public ResiliencePolicy ForApp(string appId, string endpoint)
    {
        var target = _apps.GetValueOrDefault(appId);
        var names = target?.Policies ?? Defaults("App");
        var retry = Retry(names.Retry);
        var breaker = names.CircuitBreaker is { } breakerName && _breakers.TryGetValue(breakerName, out var breakerPolicy)
            ? _appBreakers
                .GetOrAdd(appId, _ => new CircuitBreakerCache(target?.CircuitBreakerCacheSize ?? AppTarget.DefaultCircuitBreakerCacheSize))
                .GetOrAdd(endpoint, () => new CircuitBreaker($"{appId}/{endpoint}", breakerPolicy, _time))
            : null;
        var inner = retry is null ? BuiltInServicePolicy(appId) : null;
        return new ResiliencePolicy($"app {appId}", retry, breaker, Timeout(names.Timeout), inner, _time, _logger);
    }

    /// <summary>No policy at all, as of what another sidecar calls: that one's policy stands around both hops.</summary>
    public ResiliencePolicy None() => new("none", null, null, null, null, _time, _logger);

    /// <summary>The policy of the calls to the app at start: its subscriptions and its configuration. Only transport errors are to be reported as failures.</summary>
    public ResiliencePolicy ForInitialization() =>
        new("initialization", _retries[BuiltInInitializationRetries], null, null, null, _time, _logger);

    private static void Add<T>(Dictionary<string, T> all, IReadOnlyDictionary<string, T> some)
    {
        foreach (var (name, value) in some)
        {
            all[name] = value;
        }
    }

    private ResiliencePolicy ForComponent(string name, bool inbound, ComponentKind kind) =>
        _componentPolicies.GetOrAdd((name, inbound, kind), _ =>
        {
            var names = _components.TryGetValue(name, out var target)
                ? (inbound ? target.Inbound : target.Outbound) ?? new PolicyNames(null, null, null)
                : Defaults(
                    $"{kind}Component{(inbound ? "Inbound" : "Outbound")}",
                    $"Component{(inbound ? "Inbound" : "Outbound")}",
                    "Component");
            // One breaker for both directions: the first that is asked for.
            var breaker = names.CircuitBreaker is { } breakerName && _breakers.TryGetValue(breakerName, out var policy)
                ? _componentBreakers.GetOrAdd(name, _ => new CircuitBreaker(name, policy, _time))
                : null;
            return new ResiliencePolicy(
                $"component {name} {(inbound ? "inbound" : "outbound")}", Retry(names.Retry), breaker, Timeout(names.Timeout), null, _time, _logger);
        });

    private ResiliencePolicy BuiltInServicePolicy(string appId)
    {
        var retry = _retries[BuiltInServiceRetries] with { RetriesUncoded = false, GrpcStatusCodes = StatusCodeRanges.Of(14, 16), HttpStatusCodes = null };
        return new ResiliencePolicy($"app {appId}", retry, null, null, null, _time, _logger);
    }

    /// <summary>The default policies: the most specific that is there, for retry, timeout and circuit breaker each for itself.</summary>
    private PolicyNames Defaults(params string[] scopes)
    {
        return new PolicyNames(
            Find("TimeoutPolicy", _timeouts.ContainsKey), Find("RetryPolicy", _retries.ContainsKey), Find("CircuitBreakerPolicy", _breakers.ContainsKey));

        string? Find(string kind, Func<string, bool> isThere) =>
            scopes.Append(string.Empty).Select(scope => $"Default{scope}{kind}").FirstOrDefault(isThere);
    }

    private RetryPolicy? Retry(string? name) => name is not null && _retries.TryGetValue(name, out var retry) ? retry : null;

    private TimeSpan? Timeout(string? name) => name is not null && _timeouts.TryGetValue(name, out var timeout) ? timeout : null;
}
