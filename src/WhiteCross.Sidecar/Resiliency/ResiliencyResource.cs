using WhiteCross.Sidecar.Cel;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>A Resiliency document: named policies, and what they apply to.</summary>
public sealed record ResiliencyResource
{
    /// <summary>Name, scopes, place.</summary>
    public required ResourceHeader Header { get; init; }

    /// <summary>Time limits of one attempt, by name.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Timeouts { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>Retries, by name.</summary>
    public IReadOnlyDictionary<string, RetryPolicy> Retries { get; init; } = new Dictionary<string, RetryPolicy>();

    /// <summary>Circuit breakers, by name.</summary>
    public IReadOnlyDictionary<string, CircuitBreakerPolicy> CircuitBreakers { get; init; } = new Dictionary<string, CircuitBreakerPolicy>();

    /// <summary>The policies of calls to apps, by app id.</summary>
    public IReadOnlyDictionary<string, AppTarget> Apps { get; init; } = new Dictionary<string, AppTarget>();

    /// <summary>The policies of calls to and from components, by the component's name.</summary>
    public IReadOnlyDictionary<string, ComponentTarget> Components { get; init; } = new Dictionary<string, ComponentTarget>();
}

/// <summary>The policies of one target, by name.</summary>
/// <param name="Timeout">The time limit of an attempt; null: none.</param>
/// <param name="Retry">The retry; null: none.</param>
/// <param name="CircuitBreaker">The circuit breaker; null: none.</param>
public sealed record PolicyNames(string? Timeout, string? Retry, string? CircuitBreaker);

/// <summary>The policies of an app.</summary>
/// <param name="Policies">Their names.</param>
/// <param name="CircuitBreakerCacheSize">For how many endpoints a breaker is kept; 100 by default, as in Dapr.</param>
public sealed record AppTarget(PolicyNames Policies, int CircuitBreakerCacheSize)
{
    /// <summary>Breakers that are kept where nothing is said.</summary>
    public const int DefaultCircuitBreakerCacheSize = 100;
}

/// <summary>The policies of a component.</summary>
/// <param name="Inbound">From the component to the app; null: none.</param>
/// <param name="Outbound">To the component; null: none.</param>
public sealed record ComponentTarget(PolicyNames? Inbound, PolicyNames? Outbound);

/// <summary>How a failed call is repeated.</summary>
public sealed record RetryPolicy
{
    /// <summary>Without end.</summary>
    public const int WithoutEnd = -1;

    /// <summary>Whether the pauses grow.</summary>
    public bool Exponential { get; init; }

    /// <summary>The pause of a constant retry; 5 s by default.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What the growing interval of an exponential retry stops at; 60 s by default. Jitter may exceed it by half.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Retries after the first attempt; 0: none, -1, the default: without end.</summary>
    public int MaxRetries { get; init; } = WithoutEnd;

    /// <summary>The first interval of an exponential retry: 500 ms, which resources cannot set.</summary>
    public TimeSpan InitialInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The time after which an exponential retry gives up, handlers included: 15 min, which resources cannot set.</summary>
    public TimeSpan MaxElapsedTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The HTTP status codes that are retried; null: all.</summary>
    public StatusCodeRanges? HttpStatusCodes { get; init; }

    /// <summary>The gRPC status codes that are retried; null: all.</summary>
    public StatusCodeRanges? GrpcStatusCodes { get; init; }

    /// <summary>Whether failures without a code are retried; true but for Dapr's built-in retries of service invocation.</summary>
    public bool RetriesUncoded { get; init; } = true;
}

/// <summary>When calls are cut off, and when they are let through again.</summary>
public sealed record CircuitBreakerPolicy
{
    /// <summary>The names that a trip may use.</summary>
    public static IReadOnlyList<string> TripVariables { get; } =
        ["requests", "totalSuccesses", "totalFailures", "consecutiveSuccesses", "consecutiveFailures"];

    /// <summary>Calls that are let through while half-open; 1 by default.</summary>
    public int MaxRequests { get; init; } = 1;

    /// <summary>How often the counters of the closed state are cleared; zero, the default: never.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>How long it stays open before it is half-open; 60 s by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>When it opens; <c>consecutiveFailures &gt; 5</c> by default.</summary>
    public CelExpression Trip { get; init; } = CelExpression.Parse("consecutiveFailures > 5", TripVariables);
}
