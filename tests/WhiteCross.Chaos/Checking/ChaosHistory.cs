using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Checking;

/// <summary>All that is known of a chaos run from outside of what was tested.</summary>
public sealed record ChaosHistory
{
    /// <summary>The lease of the queue.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>What the handlers did, by time.</summary>
    public required IReadOnlyList<HistoryLine> Lines { get; init; }

    /// <summary>The jobs that were accepted.</summary>
    public required IReadOnlyDictionary<string, AcceptedJob> Jobs { get; init; }

    /// <summary>What the API said of each job in the end.</summary>
    public required IReadOnlyDictionary<string, JobRecord> Records { get; init; }

    /// <summary>Jobs whose events a sidecar gave up, and which were replayed; with the attempts that they had on record by then.</summary>
    public IReadOnlyDictionary<string, int> GivenUp { get; init; } = new Dictionary<string, int>();

    /// <summary>What steps have asked of the provider outside, as it came.</summary>
    public IReadOnlyList<Sending> Sendings { get; init; } = [];

    /// <summary>When the run itself, which nothing was done to, got a processor though it had asked for it every <see cref="BeatInterval"/>.</summary>
    public IReadOnlyList<TimeSpan> Beats { get; init; } = [];

    /// <summary>How often the run asks for a processor.</summary>
    public static TimeSpan BeatInterval { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What was done to the system.</summary>
    public IReadOnlyList<Outage> Outages { get; init; } = [];

    /// <summary>The queue's counts, as seen now and then; the last when all was over.</summary>
    public IReadOnlyList<QueueMetrics> Counts { get; init; } = [];
}

/// <summary>A job that the system took.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="Behaviour">What it does.</param>
/// <param name="Attempts">The attempts it gets.</param>
public sealed record AcceptedJob(string JobId, Behaviour Behaviour, int Attempts);

/// <summary>A time in which something did not work because of a fault.</summary>
/// <param name="What">What was done to whom.</param>
/// <param name="IsOfService">Whether only a service was hit, whose runs others can take over.</param>
/// <param name="IsOfRedis">Whether Redis was away.</param>
/// <param name="From">When it began, by the machine's monotonic clock.</param>
/// <param name="To">When all was well again.</param>
public sealed record Outage(string What, bool IsOfService, bool IsOfRedis, TimeSpan From, TimeSpan To)
{
    /// <summary>Whether services were cut off from Redis while that was well: one that is cut off for as long as a lease looks as if it were dead.</summary>
    public bool CutsOff { get; init; }
}
