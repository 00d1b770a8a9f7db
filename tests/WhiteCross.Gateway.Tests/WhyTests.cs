using System.Net;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>Why a job does not run: the reasons that there are, and no others.</summary>
public sealed class WhyTests
{
    private const string Queue = JobQueues.MessageDelivery;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_works_on_the_queue_and_it_was_paused_by_somebody()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await AddAsync(gateway.Store, "a");
        await AddAsync(gateway.Store, "b");
        Assert.Equal(["no-worker", "queued"], await CodesAsync(gateway, "a"));

        using var paused = await gateway.PostAsync($"/queue/{Queue}/pause?reason=provider%20away", "{}");
        var reasons = await ReasonsAsync(gateway, "a");

        Assert.Equal(["paused", "no-worker", "queued"], reasons.Select(reason => (string)reason!["code"]!));
        Assert.Equal("The queue was paused by local: provider away. Resume it.", (string)reasons[0]!["text"]!);
        Assert.NotNull(reasons[0]!["since"]);
    }

    [Fact]
    public async Task All_slots_are_in_use_or_stuck()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await AddAsync(gateway.Store, "a");
        await gateway.Store.Workers.ReportAsync(Queue, new WorkerStatus("pod-1", 10, 10) { SlotsStuck = 2 }, Cancellation);
        Assert.Equal(["stuck", "busy"], await CodesAsync(gateway, "a"));

        await gateway.Store.Workers.ReportAsync(Queue, new WorkerStatus("pod-1", 10, 3), Cancellation);
        Assert.Equal(["queued"], await CodesAsync(gateway, "a"));
    }

    [Fact]
    public async Task It_waits_for_its_time_for_its_next_attempt_or_for_a_provider()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.Store.Workers.ReportAsync(Queue, new WorkerStatus("pod-1", 10, 0), Cancellation);
        await gateway.Store.AddAsync(Queue, [Job("later") with { Delay = TimeSpan.FromHours(1) }], Cancellation);
        await EndAsync(gateway.Store, "again", key => new RunEnd(key, RunEndKind.Retry) { Delay = TimeSpan.FromHours(1), Error = new JobError("The server is busy.") });
        await EndAsync(gateway.Store, "snoozed", key => new RunEnd(key, RunEndKind.Snoozed) { Delay = TimeSpan.FromHours(1), SnoozeReason = "The mail server is away." });

        Assert.Equal(["scheduled"], await CodesAsync(gateway, "later"));
        Assert.Equal(["retrying"], await CodesAsync(gateway, "again"));
        var snoozed = (await ReasonsAsync(gateway, "snoozed"))[0]!;
        Assert.Equal("It was postponed once through no fault of its own: The mail server is away.", (string)snoozed["text"]!);
        Assert.NotNull(snoozed["until"]);
    }

    [Fact]
    public async Task It_runs_or_has_ended_or_is_not_there()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await AddAsync(gateway.Store, "runs");
        await gateway.Store.BeginAsync(Queue, [new BeginRequest("runs", null, null)], Cancellation);
        await EndAsync(gateway.Store, "done", key => new RunEnd(key, RunEndKind.Completed));
        await gateway.FailAsync(Queue, "failed");

        Assert.Equal(["running"], await CodesAsync(gateway, "runs"));
        Assert.Equal(["completed"], await CodesAsync(gateway, "done"));
        Assert.Equal(["failed"], await CodesAsync(gateway, "failed"));
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAsync($"/queue/{Queue}/jobs/nothing/why")).Status);
    }

    private static NewJob Job(string id) => new() { JobId = id, Type = "send-message", Data = "{}"u8.ToArray(), MaxAttempts = 3 };

    private static async Task AddAsync(InMemoryJobStore store, string id) => await store.AddAsync(Queue, [Job(id)], Cancellation);

    private static async Task EndAsync(InMemoryJobStore store, string id, Func<RunKey, RunEnd> end)
    {
        await AddAsync(store, id);
        var run = (await store.BeginAsync(Queue, [new BeginRequest(id, null, null)], Cancellation))[0].Run!;
        await store.FinishAsync(Queue, [end(run.Key)], Cancellation);
    }

    private static async Task<JsonArray> ReasonsAsync(GatewayHost gateway, string id) => (await gateway.GetAsync($"/queue/{Queue}/jobs/{id}/why")).Body!["reasons"]!.AsArray();

    private static async Task<IEnumerable<string>> CodesAsync(GatewayHost gateway, string id) => (await ReasonsAsync(gateway, id)).Select(reason => (string)reason!["code"]!);
}
