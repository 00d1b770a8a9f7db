using System.Collections.Concurrent;
using System.Diagnostics;
using WhiteCross.Chaos.Checking;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Chaos.Running;

/// <summary>Does faults, and undoes them: a killed process is started again, as its supervisor would.</summary>
internal sealed class FaultInjector(ProcessSystem system, RedisServer redis, ChaosOptions options, TextWriter log, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
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

    private const int EnoughDropped = 5;

    // Once nothing is published any more, there is nothing to drop.
    private static readonly TimeSpan PatienceToDrop = TimeSpan.FromSeconds(2);

    public void Dispose() => _client.Dispose();

    private static TimeSpan Monotonic => TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency);

    private async Task WhileAsync(Fault fault, string whom, bool isOfService, Func<Task> act)
    {
        var from = Monotonic;
        await act();
        var outage = new Outage($"{fault.Kind} {whom}", isOfService, fault.Kind == FaultKind.RestartRedis, from, Monotonic);
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
        await Task.WhenAll(system.Apps.Select(UpUnlessKilledAsync));

        // Whoever is dead by another fault of the same wave is awaited there.
        async Task UpUnlessKilledAsync(RunningApp app)
        {
            try
            {
                await UpAsync(app, cancellationToken);
            }
            catch (InvalidOperationException) when (_killed.ContainsKey(app))
            {
            }
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
