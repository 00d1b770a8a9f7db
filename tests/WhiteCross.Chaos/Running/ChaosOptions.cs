namespace WhiteCross.Chaos.Running;

/// <summary>How a chaos run goes.</summary>
public sealed record ChaosOptions
{
    /// <summary>Decides the faults and the jobs.</summary>
    public required int Seed { get; init; }

    /// <summary>How long faults go on; what is under way then is finished.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The queue's lease.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>Jobs added in a second.</summary>
    public required int JobsPerSecond { get; init; }

    /// <summary>Whether the system is left alone now and then for long enough to recover; at the beginning it is in any case.</summary>
    public bool HasRests { get; init; } = true;

    /// <summary>
    /// For how long, once everything is well again, no job may end while there are some that have not. How long all of them take together is a matter of
    /// the machine: faults leave a backlog.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Trouble of Redis lasts up to so many times as long as other faults.</summary>
    public int TroubleStretch { get; init; } = 4;

    /// <summary>How old a waiting job is before the reconciler looks for its event.</summary>
    public TimeSpan ReconcileAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The lanes' <c>processingTimeout</c>, where it is not that of components/.</summary>
    public TimeSpan? ProcessingTimeout { get; init; }

    /// <summary>Where to leave the processes' logs, the handlers' histories and the records when something is violated; null: nowhere.</summary>
    public string? Keep { get; init; }

    /// <summary>The run of minutes or hours: the lanes as they are in production.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="duration">How long faults go on.</param>
    public static ChaosOptions ForMinutes(int seed, TimeSpan duration) => new() { Seed = seed, Duration = duration, Lease = TimeSpan.FromSeconds(5), JobsPerSecond = 20 };

    /// <summary>The run of half a minute that belongs to the tests: each kind of fault at least once, and everything waits for less long.</summary>
    /// <param name="seed">The seed.</param>
    public static ChaosOptions ForTests(int seed) => new()
    {
        Seed = seed,
        Duration = TimeSpan.FromSeconds(12),
        Lease = TimeSpan.FromSeconds(2),
        JobsPerSecond = 12,
        HasRests = false,
        ReconcileAfter = TimeSpan.FromSeconds(2),
        TroubleStretch = 1,
        ProcessingTimeout = TimeSpan.FromSeconds(6),
        Patience = TimeSpan.FromSeconds(30),
    };
}
