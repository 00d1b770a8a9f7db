using System.Collections.Concurrent;
using System.Diagnostics;
using WhiteCross.Chaos.Checking;
using WhiteCross.Chaos.Worker;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Chaos.Running;

/// <summary>Does faults, and undoes them: a killed process is started again, as its supervisor would.</summary>
internal sealed class FaultInjector(ProcessSystem system, RedisServer redis, RedisProxy proxy, ChaosOptions options, TextWriter log, TimeProvider time) : IDisposable
{
    // A busy machine takes its time to start a process; only that one never comes up ends the run.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly ConcurrentDictionary<RunningApp, bool> _killed = new();

    /// <summary>What has been done, and until when it was felt.</summary>
    public ConcurrentQueue<Outage> Outages { get; } = new();

    // The default of Publishing:Deadline: what is added meanwhile must be answered, and run in the end.
    private static readonly TimeSpan LongerThanAPublish = TimeSpan.FromSeconds(5);

    private TimeSpan LongerThanALease => options.Lease + TimeSpan.FromSeconds(1);

    public async Task InflictAsync(Fault fault, CancellationToken cancellationToken)
    {
        var worker = system.App(ChaosRun.Workers[fault.Worker]);
        var gateway = system.App("queue-gateway");
        switch (fault.Kind)
        {
            case FaultKind.KillWorker:
                await WhileAsync(fault, worker.Name, isOfService: true, () => KillAsync(worker, worker.Service, fault.Lasts, cancellationToken));
                break;
            case FaultKind.FreezeWorker:
                await WhileAsync(fault, worker.Name, isOfService: true, () => FreezeAsync(worker, worker.Service, LongerThanALease + fault.Lasts, cancellationToken));
                break;
            case FaultKind.KillSidecar:
                await WhileAsync(fault, worker.Name, isOfService: false, () => KillAsync(worker, worker.Sidecar, fault.Lasts, cancellationToken));
                break;
            case FaultKind.FreezeSidecar:
                await WhileAsync(fault, worker.Name, isOfService: false, () => FreezeAsync(worker, worker.Sidecar, LongerThanALease + fault.Lasts, cancellationToken));
                break;
            case FaultKind.KillGateway:
                await WhileAsync(fault, gateway.Name, isOfService: false, () => KillAsync(gateway, gateway.Service, fault.Lasts, cancellationToken));
                break;
            case FaultKind.KillGatewaySidecar:
                await WhileAsync(fault, gateway.Name, isOfService: false, () => KillAsync(gateway, gateway.Sidecar, fault.Lasts, cancellationToken));
                break;
            case FaultKind.FreezeGatewaySidecar:
                await WhileAsync(fault, gateway.Name, isOfService: false, () => FreezeAsync(gateway, gateway.Sidecar, LongerThanAPublish + fault.Lasts, cancellationToken));
                break;
            case FaultKind.FreezeGateway:
                await WhileAsync(fault, gateway.Name, isOfService: false, () => FreezeAsync(gateway, gateway.Service, fault.Lasts, cancellationToken));
                break;
            case FaultKind.RestartRedis:
                await WhileAsync(fault, "redis", isOfService: false, () => RestartRedisAsync(fault.Lasts, cancellationToken));
                break;
            case FaultKind.FreezeRedis:
                await WhileAsync(fault, "redis", isOfService: false, () => FreezeRedisAsync(LongerThanALease + fault.Lasts, cancellationToken));
                break;
            case FaultKind.ReadOnlyRedis:
                // Of a master that does not exist.
                await WhileAsync(fault, "redis", isOfService: false, () => WhileSetAsync(["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"], fault.Lasts * options.TroubleStretch, cancellationToken));
                break;
            case FaultKind.FullRedis:
                await WhileAsync(fault, "redis", isOfService: false, () => WhileSetAsync(["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"], fault.Lasts * options.TroubleStretch, cancellationToken));
                break;
            case FaultKind.CutConnections:
                await WhileAsync(fault, "redis", isOfService: false, () => CutConnectionsAsync(fault.Lasts * options.TroubleStretch, cancellationToken));
                break;
            case FaultKind.LoseAnswers:
                await WhileAsync(fault, "redis", isOfService: false, () => LoseAnswersAsync(fault.Lasts * options.TroubleStretch, cancellationToken));
                break;
            case FaultKind.StepClock:
                await WhileAsync(fault, worker.Name, isOfService: true, () => StepClockAsync(worker, fault.Lasts, cancellationToken));
                break;
            case FaultKind.DoubleEvents:
                await WhileAsync(fault, "lanes", isOfService: true, DoubleAsync);
                break;
            case FaultKind.DropEvents:
                await WhileAsync(fault, "lanes", isOfService: false, () => DropAsync(cancellationToken));
                break;
            case FaultKind.RollingRestart:
                await WhileAsync(fault, "workers", isOfService: false, () => RollAsync(cancellationToken));
                break;
            default:
                throw new InvalidOperationException($"There is no way to inflict {fault.Kind}.");
        }
    }

    private static readonly TimeSpan BetweenCuts = TimeSpan.FromMilliseconds(300);

    // In seconds: a correction, a zone that was set wrong, a day that is another.
    private static readonly int[] Steps = [30, -30, 3600, -3600, 86_400, -86_400];

    private const int EnoughDropped = 5;

    // Once nothing is published any more, there is nothing to drop.
    private static readonly TimeSpan PatienceToDrop = TimeSpan.FromSeconds(2);

    public void Dispose() => _client.Dispose();

    private static TimeSpan Monotonic => TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency);

    private async Task WhileAsync(Fault fault, string whom, bool isOfService, Func<Task> act)
    {
        var from = Monotonic;
        await act();
        var outage = new Outage($"{fault.Kind} {whom}", isOfService, FaultPlan.TakesRedisAway(fault.Kind), from, Monotonic) { CutsOff = fault.Kind == FaultKind.CutConnections };
        Outages.Enqueue(outage);
        await log.WriteLineAsync($"{outage.What}: {(outage.To - outage.From).TotalSeconds:0.0} s");
    }

    private async Task KillAsync(RunningApp app, ChildProcess process, TimeSpan lasts, CancellationToken cancellationToken)
    {
        _killed[app] = true;
        await process.KillAsync();
        await Task.Delay(lasts, time, cancellationToken);
        while (true)
        {
            process.Start();
            try
            {
                await UpAsync(app, cancellationToken);
                _killed.TryRemove(app, out _);
                return;
            }
            catch (InvalidOperationException) when (!process.IsRunning)
            {
                // A sidecar does not start without its components, and Redis may be down by another fault of the wave: its supervisor tries again.
                await Task.Delay(RestartPause, time, cancellationToken);
            }
        }
    }

    private async Task FreezeAsync(RunningApp app, ChildProcess process, TimeSpan lasts, CancellationToken cancellationToken)
    {
        process.Freeze();
        await Task.Delay(lasts, time, cancellationToken);
        process.Thaw();
        await UpAsync(app, cancellationToken);
    }

    private async Task RestartRedisAsync(TimeSpan lasts, CancellationToken cancellationToken)
    {
        await redis.KillAsync();
        await Task.Delay(lasts, time, cancellationToken);
        await redis.RestartAsync();
        await UpIfAliveAsync(cancellationToken);
    }

    // Whoever is dead by another fault of the same wave is awaited there.
    private Task UpIfAliveAsync(CancellationToken cancellationToken) => Task.WhenAll(system.Apps.Select(async app =>
    {
        try
        {
            await UpAsync(app, cancellationToken);
        }
        catch (InvalidOperationException) when (_killed.ContainsKey(app))
        {
        }
    }));

    private async Task FreezeRedisAsync(TimeSpan lasts, CancellationToken cancellationToken)
    {
        redis.Pause();
        await Task.Delay(lasts, time, cancellationToken);
        redis.Continue();
        await UpIfAliveAsync(cancellationToken);
    }

    private async Task WhileSetAsync(object[] set, object[] reset, TimeSpan lasts, CancellationToken cancellationToken)
    {
        await using var connection = await redis.ConnectAsync();
        var server = connection.GetServer(redis.EndPoint);
        await server.ExecuteAsync((string)set[0], set[1..]);
        await Task.Delay(lasts, time, cancellationToken);
        await server.ExecuteAsync((string)reset[0], reset[1..]);
        await UpIfAliveAsync(cancellationToken);
    }

    private async Task CutConnectionsAsync(TimeSpan lasts, CancellationToken cancellationToken)
    {
        await using var connection = await redis.ConnectAsync();
        var server = connection.GetServer(redis.EndPoint);
        var begun = time.GetTimestamp();
        do
        {
            // All but this one.
            await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            await Task.Delay(BetweenCuts, time, cancellationToken);
        }
        while (time.GetElapsedTime(begun) < lasts);
    }

    private async Task LoseAnswersAsync(TimeSpan lasts, CancellationToken cancellationToken)
    {
        var before = proxy.Lost;
        await proxy.LoseAnswersAsync(lasts, cancellationToken);
        await log.WriteLineAsync($"{proxy.Lost - before} answers lost");
        await UpIfAliveAsync(cancellationToken);
    }

    private async Task StepClockAsync(RunningApp worker, TimeSpan lasts, CancellationToken cancellationToken)
    {
        await StepAsync(Steps[(int)(lasts.Ticks % Steps.Length)]);
        await Task.Delay(LongerThanALease + lasts, time, cancellationToken);
        await StepAsync(0);

        async Task StepAsync(int seconds)
        {
            using var answer = await _client.PostAsync(new Uri(worker.Address, $"{SteppingClock.Path}?seconds={seconds}"), content: null, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
    }

    private async Task DoubleAsync()
    {
        await using var connection = await redis.ConnectAsync();
        await LaneTampering.DoubleAsync(connection.GetDatabase(ChaosRun.LanesDatabase));
    }

    private async Task DropAsync(CancellationToken cancellationToken)
    {
        // While nobody reads, there is something unread.
        var sidecars = ChaosRun.Workers.Select(name => system.App(name).Sidecar).ToArray();
        Array.ForEach(sidecars, sidecar => sidecar.Freeze());
        await using var connection = await redis.ConnectAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), time);
        var (dropped, since) = (0, time.GetTimestamp());
        while (dropped < EnoughDropped && time.GetElapsedTime(since) < PatienceToDrop && await timer.WaitForNextTickAsync(cancellationToken))
        {
            dropped += await LaneTampering.DropUnreadAsync(connection.GetDatabase(ChaosRun.LanesDatabase));
        }

        Array.ForEach(sidecars, sidecar => sidecar.Thaw());
        await log.WriteLineAsync($"{dropped} events dropped");
        await system.WaitUntilUpAsync(cancellationToken);
    }

    private async Task RollAsync(CancellationToken cancellationToken)
    {
        foreach (var name in ChaosRun.Workers)
        {
            var worker = system.App(name);
            var exitCode = await worker.Service.TerminateAsync(cancellationToken);
            if (exitCode != 0)
            {
                throw new InvalidOperationException($"{name} was asked to stop and ended with exit code {exitCode}:\n{worker.Service.LastOutput()}");
            }

            worker.Service.Start();
            await UpAsync(worker, cancellationToken);
        }
    }

    private async Task UpAsync(RunningApp app, CancellationToken cancellationToken)
    {
        await app.WaitForServiceAsync(_client, Patience, cancellationToken);
        await app.WaitForSidecarAsync(_client, Patience, cancellationToken);
    }
}
