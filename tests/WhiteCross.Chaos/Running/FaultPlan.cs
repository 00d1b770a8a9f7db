namespace WhiteCross.Chaos.Running;

/// <summary>The kinds of fault.</summary>
public enum FaultKind
{
    /// <summary><c>kill -9</c> of a worker.</summary>
    KillWorker,

    /// <summary>SIGSTOP of a worker for longer than its lease.</summary>
    FreezeWorker,

    /// <summary><c>kill -9</c> of a worker's sidecar.</summary>
    KillSidecar,

    /// <summary>SIGSTOP of a worker's sidecar.</summary>
    FreezeSidecar,

    /// <summary><c>kill -9</c> of the gateway.</summary>
    KillGateway,

    /// <summary><c>kill -9</c> of the gateway's sidecar.</summary>
    KillGatewaySidecar,

    /// <summary>SIGSTOP of the gateway's sidecar for longer than a publish may take.</summary>
    FreezeGatewaySidecar,

    /// <summary>SIGSTOP of the gateway.</summary>
    FreezeGateway,

    /// <summary><c>kill -9</c> of Redis, and its start from its append-only file.</summary>
    RestartRedis,

    /// <summary>SIGSTOP of Redis for longer than a lease.</summary>
    FreezeRedis,

    /// <summary>Redis refuses to write, as a replica does while a failover goes on.</summary>
    ReadOnlyRedis,

    /// <summary>Redis refuses what takes memory.</summary>
    FullRedis,

    /// <summary>Redis ends all connections, again and again; who connects anew is let in.</summary>
    CutConnections,

    /// <summary>What the services ask of Redis is done, and they get no answer.</summary>
    LoseAnswers,

    /// <summary>A worker's time of day jumps, and jumps back later than a lease.</summary>
    StepClock,

    /// <summary>All events on the lanes are published again.</summary>
    DoubleEvents,

    /// <summary>Events that nobody has read yet are deleted.</summary>
    DropEvents,

    /// <summary>Both workers are stopped in good order and started again, one after the other.</summary>
    RollingRestart,
}

/// <summary>One fault.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Worker">To which worker, 0 or 1, where it is one.</param>
/// <param name="Lasts">How long a process stays dead or frozen, beyond what the kind demands.</param>
public sealed record Fault(FaultKind Kind, int Worker, TimeSpan Lasts);

/// <summary>Faults that happen together, and how long the system is left alone after them.</summary>
/// <param name="Faults">The faults; no two hit the same process.</param>
/// <param name="Rest">The pause after them.</param>
public sealed record Wave(IReadOnlyList<Fault> Faults, TimeSpan Rest);

/// <summary>The schedule of faults that belongs to a seed: a worker's death, the other kinds once in random order, then all again and again.</summary>
public static class FaultPlan
{
    /// <summary>The waves, without end.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="recovery">The time in which the system must recover from the death of a worker.</param>
    /// <param name="hasRests">Whether some rests are long enough to watch that; the first one always is.</param>
    public static IEnumerable<Wave> Of(int seed, TimeSpan recovery, bool hasRests)
    {
        var random = new Random(seed);
        var all = Enum.GetValues<FaultKind>();
        yield return new Wave([new Fault(FaultKind.KillWorker, random.Next(2), Lasts(random))], recovery);
        for (var round = 0; ; round++)
        {
            var kinds = round == 0 ? [.. all.Where(kind => kind != FaultKind.KillWorker)] : all.ToArray();
            random.Shuffle(kinds);
            var left = kinds.ToList();
            while (left.Count > 0)
            {
                // Two at once half of the time, three without rests, as long as they do not hit the same process.
                var most = !hasRests ? 3 : random.Next(2) + 1;
                List<FaultKind> together = [];
                foreach (var kind in left)
                {
                    if (together.Count < most && together.All(other => CanMeet(kind, other)) && together.Append(kind).Count(IsOfWorker) <= 2)
                    {
                        together.Add(kind);
                    }
                }

                left.RemoveAll(together.Contains);
                var worker = random.Next(2);
                Fault[] faults = [.. together.Select(kind => new Fault(kind, IsOfWorker(kind) ? worker = 1 - worker : worker, Lasts(random)))];
                yield return new Wave(faults, random.Next(2) == 0 && hasRests ? recovery : TimeSpan.FromMilliseconds(random.Next(500)));
            }
        }
    }

    /// <summary>Whether Redis cannot be written to while it lasts, so that runs may lose their leases. Who is only cut off connects again at once.</summary>
    /// <param name="kind">The kind of fault.</param>
    public static bool TakesRedisAway(FaultKind kind) =>
        kind is FaultKind.RestartRedis or FaultKind.FreezeRedis or FaultKind.ReadOnlyRedis or FaultKind.FullRedis or FaultKind.LoseAnswers;

    // A restart or drop concerns both workers; what concerns the gateway hits one process or the other of the same pair; doubling needs Redis.
    private static bool CanMeet(FaultKind one, FaultKind other) =>
        !IsWide(one) && !IsWide(other) && !(IsOfGateway(one) && IsOfGateway(other)) && !(IsOfRedis(one) && IsOfRedis(other));

    private static bool IsWide(FaultKind kind) => kind is FaultKind.RollingRestart or FaultKind.DropEvents;

    private static bool IsOfWorker(FaultKind kind) => kind is FaultKind.KillWorker or FaultKind.FreezeWorker or FaultKind.KillSidecar or FaultKind.FreezeSidecar or FaultKind.StepClock;

    private static bool IsOfGateway(FaultKind kind) => kind is FaultKind.KillGateway or FaultKind.KillGatewaySidecar or FaultKind.FreezeGatewaySidecar or FaultKind.FreezeGateway;

    private static bool IsOfRedis(FaultKind kind) => TakesRedisAway(kind) || kind is FaultKind.CutConnections or FaultKind.DoubleEvents;

    private static TimeSpan Lasts(Random random) => TimeSpan.FromMilliseconds(random.Next(100, 1500));
}
