using WhiteCross.Sidecar.Cel;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>One Resiliency document: named policies, and what they apply to.</summary>
public sealed record ResiliencyResource
{
    /// <summary>The resource's name.</summary>
    public required string Name { get; init; }

    /// <summary>Timeouts by name.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Timeouts { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>Retries by name.</summary>
    public IReadOnlyDictionary<string, RetrySettings> Retries { get; init; } = new Dictionary<string, RetrySettings>();

    /// <summary>Circuit breakers by name.</summary>
    public IReadOnlyDictionary<string, CircuitBreakerSettings> CircuitBreakers { get; init; } = new Dictionary<string, CircuitBreakerSettings>();

    /// <summary>What applies to calls of apps, by app id.</summary>
    public IReadOnlyDictionary<string, TargetSettings> Apps { get; init; } = new Dictionary<string, TargetSettings>();

    /// <summary>What applies to calls of components, by name: publish, state, secrets.</summary>
    public IReadOnlyDictionary<string, TargetSettings> Outbound { get; init; } = new Dictionary<string, TargetSettings>();

    /// <summary>What applies to deliveries from components, by name.</summary>
    public IReadOnlyDictionary<string, TargetSettings> Inbound { get; init; } = new Dictionary<string, TargetSettings>();
}

/// <summary>The names of the policies of one target.</summary>
/// <param name="Timeout">The timeout of each attempt; null: none.</param>
/// <param name="Retry">The retry; null: none.</param>
/// <param name="CircuitBreaker">The circuit breaker; null: none.</param>
public sealed record TargetSettings(string? Timeout, string? Retry, string? CircuitBreaker);

/// <summary>How something is retried; the numbers are Dapr's (dapr-facts 4.1).</summary>
public sealed record RetrySettings
{
    /// <summary>Whether the pauses grow: 500 ms × 1.5ⁿ, each ± 50 %.</summary>
    public bool IsExponential { get; init; }

    /// <summary>The pause of a constant retry. Default: 5 s.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The cap of a growing pause, before its jitter. Default: 60 s.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Retries after the first attempt; −1: without end. Default: −1.</summary>
    public int MaxRetries { get; init; } = -1;

    /// <summary>HTTP status codes that are retried; null: all.</summary>
    public CodeRanges? HttpStatusCodes { get; init; }
}

/// <summary>When a circuit breaker opens.</summary>
public sealed record CircuitBreakerSettings
{
    /// <summary>The variables that a trip may use.</summary>
    public static IReadOnlyList<string> Variables { get; } = ["requests", "totalSuccesses", "totalFailures", "consecutiveSuccesses", "consecutiveFailures"];

    /// <summary>Calls that are let through when half-open. Default: 1.</summary>
    public int MaxRequests { get; init; } = 1;

    /// <summary>How often the counters are cleared while closed; zero: never.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>How long it stays open. Default: 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>When it opens. Default: <c>consecutiveFailures &gt; 5</c>.</summary>
    public CelExpression Trip { get; init; } = CelExpression.Parse("consecutiveFailures > 5", Variables);
}

/// <summary>A list of codes and ranges of codes, <c>429,500-599</c>.</summary>
/// <param name="Ranges">The ranges, both ends included.</param>
public sealed record CodeRanges(IReadOnlyList<(int From, int To)> Ranges)
{
    /// <summary>Whether a code is among them.</summary>
    /// <param name="code">The code.</param>
    public bool Contains(int code) => Ranges.Any(range => code >= range.From && code <= range.To);

    /// <summary>Reads a list.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ranges">What it means.</param>
    public static bool TryParse(string text, out CodeRanges ranges)
    {
        var list = new List<(int From, int To)>();
        ranges = new CodeRanges(list);
        foreach (var part in (text ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2 || !int.TryParse(ends[0], out var from) || !int.TryParse(ends[^1], out var to) || from > to)
            {
                return false;
            }

            list.Add((from, to));
        }

        return true;
    }
}
