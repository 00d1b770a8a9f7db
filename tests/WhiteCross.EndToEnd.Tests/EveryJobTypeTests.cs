using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Local;
using WhiteCross.Testing;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>Every type of job through its sidecar and its own service, and what happens to it when an attempt goes wrong.</summary>
public abstract class EveryJobTypeTests(FaultySystem fixture) : IDisposable
{
    private readonly HttpClient _gateway = new() { BaseAddress = fixture.System.GatewayAddress };
    private readonly HttpClient _sidecar = new() { BaseAddress = fixture.System.SidecarAddress };

    public static TheoryData<string> Types => [.. JobTypeSamples.All];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Success_and_its_event_again_runs_it_once(string type)
    {
        var (jobId, queue) = ($"good-{Guid.NewGuid():N}", JobTypeSamples.QueueOf(type));
        var envelope = await JobTypeSamples.PrepareAsync(_gateway, type, jobId);

        await Jobs.AddAsync(_gateway, envelope, queue);
        var record = await Jobs.WaitForAsync(_gateway, jobId, "completed", queue);
        await Jobs.PublishAsync(_sidecar, envelope, topic: queue);
        await Jobs.PublishAsync(_sidecar, envelope, "jobs-critical", $"{queue}.critical");

        Assert.Equal(1, record["attemptsMade"]!.GetValue<int>());
        var next = await JobTypeSamples.PrepareAsync(_gateway, type, $"next-{Guid.NewGuid():N}");
        await Jobs.WaitForAsync(_gateway, await Jobs.AddAsync(_gateway, next, queue), "completed", queue);
        Assert.Equal(1, fixture.Faults.Runs[jobId]);
        Assert.Single((await Jobs.WaitForAsync(_gateway, jobId, "completed", queue))["attempts"]!.AsArray());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_failure_that_passes_is_got_over(string type)
    {
        var record = await RunAsync(type, "once", "completed", attempts: 3);

        Assert.Equal(2, record["attemptsMade"]!.GetValue<int>());
        Assert.NotNull(record["attempts"]![0]!["error"]);
        Assert.Null(record["attempts"]![1]!["error"]);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_permanent_failure_fails_at_once(string type)
    {
        var record = await RunAsync(type, "never", "failed", attempts: 3);

        Assert.Equal((1, "permanent"), (record["attemptsMade"]!.GetValue<int>(), record["error"]!["code"]!.GetValue<string>()));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task An_attempt_that_hangs_is_stopped_at_its_timeout(string type)
    {
        var record = await RunAsync(type, "hang", "failed", attempts: 2);

        Assert.Equal((2, "timeout"), (record["attemptsMade"]!.GetValue<int>(), record["error"]!["code"]!.GetValue<string>()));
    }

    public void Dispose()
    {
        _gateway.Dispose();
        _sidecar.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<JsonObject> RunAsync(string type, string fault, string state, int attempts)
    {
        var (jobId, queue) = ($"{fault}-{Guid.NewGuid():N}", JobTypeSamples.QueueOf(type));
        var envelope = await JobTypeSamples.PrepareAsync(_gateway, type, jobId);
        envelope["options"] = new JsonObject
        {
            ["attempts"] = attempts,
            ["timeout"] = fault == "hang" ? 200 : 30_000,
            ["backoff"] = new JsonObject { ["type"] = "fixed", ["delay"] = 10 },
        };
        await Jobs.AddAsync(_gateway, envelope, queue);
        return await Jobs.WaitForAsync(_gateway, jobId, state, queue);
    }
}

/// <summary>In memory.</summary>
public sealed class EmbeddedEveryJobTypeTests(EmbeddedFaultySystem system) : EveryJobTypeTests(system), IClassFixture<EmbeddedFaultySystem>;

/// <summary>On Redis.</summary>
public sealed class RedisEveryJobTypeTests(RedisFaultySystem system) : EveryJobTypeTests(system), IClassFixture<RedisFaultySystem>;

/// <summary>Running jobs of every type when the system stops.</summary>
public sealed class ShutdownTests : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");
    private RedisServer? _redis;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartLocalAsync();

    public async ValueTask DisposeAsync()
    {
        await _redis!.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task Jobs_of_every_type_that_run_then_lose_no_attempt_and_complete_after_the_next_start()
    {
        var faults = new Faults();
        var jobs = new Dictionary<string, string>();
        await using (var first = await LocalSystem.StartAsync(Options(faults), Jobs.Cancellation))
        {
            using var gateway = new HttpClient { BaseAddress = first.GatewayAddress };
            foreach (var type in JobTypeSamples.All)
            {
                var (jobId, queue) = ($"wait-{type}", JobTypeSamples.QueueOf(type));
                await Jobs.AddAsync(gateway, await JobTypeSamples.PrepareAsync(gateway, type, jobId), queue);
                await Jobs.WaitForAsync(gateway, jobId, "active", queue);
                jobs[jobId] = queue;
            }
        }

        faults.IsOver = true;
        await using var second = await LocalSystem.StartAsync(Options(faults), Jobs.Cancellation);
        using var next = new HttpClient { BaseAddress = second.GatewayAddress };
        foreach (var (jobId, queue) in jobs)
        {
            var record = await Jobs.WaitForAsync(next, jobId, "completed", queue);
            Assert.Equal((jobId, 1), (jobId, record["attemptsMade"]!.GetValue<int>()));
        }
    }

    private LocalOptions Options(Faults faults) => SystemFixture.OptionsFor(_data, _redis!.EndPoint) with { ConfigureService = (_, builder) => faults.Add(builder) };
}

/// <summary>A system in whose services attempts go wrong as the ids of their jobs say.</summary>
public abstract class FaultySystem(bool onRedis) : SystemFixture(onRedis)
{
    public Faults Faults { get; } = new();

    protected override LocalOptions Change(LocalOptions options) => options with { ConfigureService = (_, builder) => Faults.Add(builder) };
}

/// <summary>In memory.</summary>
public sealed class EmbeddedFaultySystem() : FaultySystem(onRedis: false);

/// <summary>On Redis.</summary>
public sealed class RedisFaultySystem() : FaultySystem(onRedis: true);

/// <summary>What goes wrong, by the beginning of the job's id.</summary>
public sealed class Faults : IJobFilter
{
    /// <summary>How often each job was begun.</summary>
    public ConcurrentDictionary<string, int> Runs { get; } = new();

    /// <summary>Whether jobs that wait may go on.</summary>
    public bool IsOver { get; set; }

    public void Add(WebApplicationBuilder builder) => builder.Services.AddSingleton<IJobFilter>(this);

    public async Task<JobOutcome> InvokeAsync(JobInfo job, Func<CancellationToken, Task<JobOutcome>> next, CancellationToken cancellationToken)
    {
        Runs.AddOrUpdate(job.JobId, 1, (_, runs) => runs + 1);
        switch (job.JobId.Split('-')[0])
        {
            case "once" when job.Attempt == 1:
                throw new IOException("The disk is tired.");
            case "never":
                throw new PermanentJobException("It can never be done.");
            case "hang":
            case "wait" when !IsOver:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
        }

        return await next(cancellationToken);
    }
}
