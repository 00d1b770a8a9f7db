using System.Collections.Concurrent;
using System.Globalization;
using WhiteCross.Processes.Tests.WholeSystem;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;
using static WhiteCross.Processes.Tests.WholeSystem.Jobs;

namespace WhiteCross.Processes.Tests.Instances;

/// <summary>A new version goes out while jobs flow: each service is replaced, the new instance first. Takes minutes and a machine of its own, so only <c>./test.sh --rolling</c> runs it.</summary>
public sealed class RollingRestartTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string[] Queues =
        ["message-encryption", "message-indexing", "message-notification", "message-delivery", "message-cleanup", "batch-message-sending"];

    private RedisServer? _redis;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartLocalAsync();

    public async ValueTask DisposeAsync() => await _redis!.DisposeAsync();

    [Fact(Explicit = true)]
    public async Task No_job_runs_again_no_attempt_is_burnt_and_one_retry_cures_every_request()
    {
        var environment = SystemOfProcesses.Development();
        foreach (var queue in Queues)
        {
            environment[$"Queues__{queue}__KeepCompleted"] = "1000000"; // Everything is asked for in the end.
        }

        environment["Access__RequestsPerSecond"] = "100000";
        await using var system = await ProcessSystem.StartAsync(
            new ProcessSystemOptions
            {
                Redis = _redis!.EndPoint,
                Environment = environment,
                // What a sidecar that has gone still held is claimed after so long: by default a minute.
                PubSubMetadata = new Dictionary<string, string> { ["processingTimeout"] = "6s", ["redeliverInterval"] = "1000" },
            },
            Cancellation);
        var restarts = int.TryParse(Environment.GetEnvironmentVariable("ROLLING_RESTARTS"), CultureInfo.InvariantCulture, out var given) ? given : 1;
        var begun = TimeProvider.System.GetTimestamp();
        using var load = new RollingLoad(system, isFull: restarts > 1);
        using var stop = new CancellationTokenSource();
        var adding = load.RunAsync(stop.Token);
        var rollOut = new ParallelOptions { MaxDegreeOfParallelism = 3, CancellationToken = Cancellation };
        string[] apps = ["queue-gateway", .. Queues];
        for (var i = 0; i < restarts; i++)
        {
            await Parallel.ForEachAsync(apps, rollOut, async (app, cancellation) => await system.ReplaceAsync(app, cancellation));
        }

        var restarting = TimeProvider.System.GetElapsedTime(begun);
        await stop.CancelAsync();
        await adding;

        Assert.Empty(load.Failures);
        using var gateway = system.ClientOf("queue-gateway");
        await EndedAsync(gateway);
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(load.Accepted, Cancellation, async (job, _) =>
        {
            var record = await GetAsync(gateway, $"/queue/{job.Queue}/jobs/{job.JobId}");
            if (record["state"]!.GetValue<string>() != "completed" || record["attemptsMade"]!.GetValue<int>() != 1 || record["attempts"]!.AsArray().Count != 1)
            {
                record.Remove("data");
                wrong.Add(record.ToJsonString());
            }
        });
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{load.Accepted.Count} jobs, {restarts * apps.Length} restarts in {restarting.TotalSeconds:0} s, all over after {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s");
        Assert.True(load.Accepted.Count > 100, "Hardly any job was added.");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} jobs, among them {string.Join('\n', wrong.Take(5))}");
    }

    private static async Task EndedAsync(HttpClient gateway)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while ((await GetAsync(gateway, "/queue/metrics"))["totals"]! is var totals
            && totals["waiting"]!.GetValue<long>() + totals["active"]!.GetValue<long>() + totals["delayed"]!.GetValue<long>() > 0)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
