using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using WhiteCross.Chaos.Checking;
using WhiteCross.Chaos.Worker;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Chaos.Running;

/// <summary>
/// The gateway and two instances of a worker, each with its sidecar in a process of its own, on a Redis of its own; jobs flow, faults happen, everything
/// is made well again, the jobs end, and the history is checked.
/// </summary>
public static class ChaosRun
{
    internal const int LanesDatabase = 1;

    private const string Queue = JobQueues.MessageNotification;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    internal static readonly string[] Workers = ["worker-a", "worker-b"];

    /// <summary>Makes a run.</summary>
    /// <param name="options">Which one.</param>
    /// <param name="log">Told what happens.</param>
    /// <param name="cancellationToken">Ends the run without a result.</param>
    public static async Task<ChaosReport> RunAsync(ChaosOptions options, TextWriter log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var time = TimeProvider.System;
        await log.WriteLineAsync($"Chaos on {SidecarExecutable.Description}, seed {options.Seed}");
        await using var redis = await RedisServer.StartLocalAsync(appendOnly: true);
        await using var proxy = new RedisProxy(redis.Port, time);
        await using var lanes = await redis.ConnectAsync();
        await using var provider = await FakeProvider.StartAsync(cancellationToken);
        var histories = Directory.CreateTempSubdirectory("chaos-");
        try
        {
            await using var system = await ProcessSystem.StartAsync(SystemOptions(options, redis, proxy, provider, histories.FullName), cancellationToken);
            using var gateway = system.ClientOf("queue-gateway");
            var nameless = new NamelessJobs(lanes.GetDatabase(LanesDatabase));
            using var publisher = new Publisher(system, nameless, options, time);
            using var faults = new FaultInjector(system, redis, proxy, options, log, time);
            await using var beats = new Heartbeats(proxy.EndPoint, options.Lease / 2, time);
            var counts = new List<QueueMetrics>();

            await PriorityProbe.RunAsync(publisher, gateway, time, cancellationToken);
            await Task.WhenAll(Enum.GetValues<Behaviour>().Select(behaviour => publisher.AddAsync("one-", behaviour, 100, "NORMAL", cancellationToken)));
            using var stop = new CancellationTokenSource();
            var publishing = publisher.RunAsync(stop.Token, cancellationToken);
            var watching = WatchCountsAsync(gateway, counts, time, stop.Token);
            await log.WriteLineAsync("The system is up.");
            await InflictAllAsync(faults, options, publishing, time, cancellationToken);
            await stop.CancelAsync();
            await Task.WhenAll(publishing, watching);
            await log.WriteLineAsync("No more faults, no more jobs.");
            await WaitForTheEndAsync(gateway, counts, options.Patience, time, cancellationToken);
            await log.WriteLineAsync("All that will end has ended; the records are read.");
            var givenUp = await RecordReading.ListGivenUpAsync(gateway, cancellationToken);
            if (givenUp.Count > 0)
            {
                // As an operator does when all is well again; they must then end as they should have.
                await log.WriteLineAsync($"Replayed, since a sidecar gave up their events: {string.Join(", ", givenUp.Keys)}");
                using var replay = await gateway.PostAsJsonAsync(new Uri($"/queue/{Queue}/failed/retry", UriKind.Relative), new { JobIds = givenUp.Keys }, cancellationToken);
                replay.EnsureSuccessStatusCode();
                await WaitForTheEndAsync(gateway, counts, options.Patience, time, cancellationToken);
            }

            var lines = HistoryLine.ReadAll(histories.FullName);
            var jobs = publisher.Accepted.Values.Concat(nameless.Find(lines)).ToDictionary(job => job.JobId);

            var history = new ChaosHistory
            {
                Lease = options.Lease,
                Jobs = jobs,
                Records = await RecordReading.ReadAsync(gateway, jobs.Keys, cancellationToken),
                GivenUp = givenUp,
                Lines = lines,
                Sendings = [.. provider.Sendings],
                Beats = [.. beats.Taken],
                Outages = [.. faults.Outages, .. beats.RedisSilences],
                Counts = counts,
            };
            var report = HistoryChecker.Check(history, options.Seed, faults.Outages.Count);
            report = report with { Violations = [.. report.Violations, .. PriorityProbe.Check(history)] };
            if (options.Keep is { } folder && report.Violations.Count > 0)
            {
                Keep(folder, histories.FullName, system.Folder, history);
            }

            return report;
        }
        finally
        {
            histories.Delete(recursive: true);
        }
    }

    private static ProcessSystemOptions SystemOptions(ChaosOptions options, RedisServer redis, RedisProxy proxy, FakeProvider provider, string histories)
    {
        string[] worker = ["dotnet", "exec", typeof(ChaosRun).Assembly.Location, "worker"];
        return new ProcessSystemOptions
        {
            Redis = proxy.EndPoint,
            RedisMetadata = new Dictionary<string, string?> { ["redisHost"] = redis.EndPoint, ["redisPort"] = null },
            Patience = TimeSpan.FromMinutes(3),
            Apps = ["queue-gateway"],
            Extra = [.. Workers.Select(name => new ExtraApp(ChaosWorkerApp.AppId, name, worker))],
            PubSubMetadata = options.ProcessingTimeout is { } timeout
                ? new Dictionary<string, string> { ["processingTimeout"] = $"{timeout.TotalSeconds}s", ["redeliverInterval"] = "1000" }
                : new Dictionary<string, string>(),
            Environment = new Dictionary<string, string>
            {
                [HistoryFile.FolderVariable] = histories,
                [ProviderClient.AddressVariable] = provider.Address,
                ["REDIS_QUEUE_DB"] = LanesDatabase.ToString(CultureInfo.InvariantCulture),
                [$"Queues__{Queue}__Lease"] = options.Lease.ToString(),
                [$"Queues__{Queue}__ReconcileAfter"] = options.ReconcileAfter.ToString(),
                [$"Queues__{Queue}__Concurrency"] = PriorityProbe.Concurrency.ToString(CultureInfo.InvariantCulture),
                // Everything is asked for in the end.
                [$"Queues__{Queue}__KeepCompleted"] = "1000000",
                [$"Queues__{Queue}__KeepFailed"] = "1000000",
                // ... and one record after the other, faster than a caller may in production.
                ["Access__RequestsPerSecond"] = "1000000",
            },
        };
    }

    private static void Keep(string folder, string histories, string logs, ChaosHistory history)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(histories).Concat(Directory.EnumerateFiles(logs, "*.log")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        File.WriteAllLines(Path.Combine(folder, "records.jsonl"), history.Records.Values.Select(record => JsonSerializer.Serialize(record, JobsJsonContext.Default.JobRecord)));
        File.WriteAllLines(Path.Combine(folder, "outages.txt"), history.Outages.Select(outage => outage.ToString()));
        File.WriteAllLines(Path.Combine(folder, "sendings.txt"), history.Sendings.Select(sending => sending.ToString()));
    }

    private static async Task InflictAllAsync(FaultInjector faults, ChaosOptions options, Task publishing, TimeProvider time, CancellationToken cancellationToken)
    {
        var (begun, done) = (time.GetTimestamp(), new HashSet<FaultKind>());
        foreach (var wave in FaultPlan.Of(options.Seed, options.Lease + TimeSpan.FromSeconds(2), options.HasRests))
        {
            await Task.WhenAll(wave.Faults.Select(fault => faults.InflictAsync(fault, cancellationToken)));
            done.UnionWith(wave.Faults.Select(fault => fault.Kind));
            await Task.Delay(wave.Rest, time, cancellationToken);
            if (publishing.IsFaulted)
            {
                await publishing;
            }

            if (time.GetElapsedTime(begun) > options.Duration && done.Count == Enum.GetValues<FaultKind>().Length)
            {
                return;
            }
        }
    }

    private static async Task WatchCountsAsync(HttpClient gateway, List<QueueMetrics> counts, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), time);
        while (!stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            if (await TryReadCountsAsync(gateway, stop) is { } seen)
            {
                counts.Add(seen);
            }
        }
    }

    private static async Task WaitForTheEndAsync(HttpClient gateway, List<QueueMetrics> counts, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        // Counted in looks: on a busy machine there are fewer of them in a minute.
        var (ended, looks) = (-1L, 0);
        using var timer = new PeriodicTimer(BetweenLooks, time);
        do
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            if (await TryReadCountsAsync(gateway, cancellationToken) is not { } seen)
            {
                continue;
            }

            counts.Add(seen);
            if (seen.Waiting + seen.Delayed + seen.Active == 0)
            {
                return;
            }

            if (seen.CompletedTotal + seen.FailedTotal is var now && now != ended)
            {
                (ended, looks) = (now, 0);
            }
        }
        while (++looks < patience / BetweenLooks);
    }

    private static async Task<QueueMetrics?> TryReadCountsAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        try
        {
            return await gateway.GetFromJsonAsync<QueueMetrics>($"/queue/{Queue}/metrics", JobsJsonContext.Default.Options, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return null; // The gateway is dead or frozen just now, or has no Redis.
        }
    }
}
