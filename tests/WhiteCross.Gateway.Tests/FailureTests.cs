using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>Failed jobs by their cause, and what is done with all of one in a call.</summary>
public sealed class FailureTests
{
    private const string Queue = JobQueues.MessageDelivery;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Groups_have_true_counts_and_their_jobs_are_a_filter_of_the_list()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await FailAsync(gateway.Store, "mail", 7, "The server refused connection");
        await FailAsync(gateway.Store, "gone", 3, "There is no message");

        var list = (await gateway.GetAsync("/queue/failures")).Body!;
        var groups = list["groups"]!.AsArray();
        var cause = (string)groups[0]!["cause"]!;
        var page = (await gateway.GetAsync($"/queue/{Queue}/jobs?state=failed&limit=5&data=false&cause={cause}")).Body!;
        var next = (await gateway.GetAsync($"/queue/{Queue}/jobs?state=failed&limit=5&cause={cause}&cursor={Uri.EscapeDataString((string)page["nextCursor"]!)}")).Body!;

        Assert.Equal((10, 2), ((int)list["total"]!, (int)list["causes"]!));
        Assert.Equal([7, 3], groups.Select(group => (int)group!["count"]!));
        Assert.StartsWith("The server refused connection", (string)groups[0]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(7, groups[0]!["hours"]!.AsArray().Sum(hour => (int)hour!));
        Assert.Equal(7, page["jobs"]!.AsArray().Concat(next["jobs"]!.AsArray()).Count(job => ((string)job!["jobId"]!).StartsWith("mail", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.GetAsync($"/queue/{Queue}/jobs?cause={cause}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAsync($"/queue/{Queue}/failures/send-message:0000000000000000")).Status);
    }

    [Fact]
    public async Task Ten_thousand_failed_jobs_of_a_hundred_causes_are_there_at_once_and_small()
    {
        var store = new InMemoryJobStore(_ => new QueueOptions { KeepFailed = 20_000 });
        for (var cause = 0; cause < 100; cause++)
        {
            await FailAsync(store, $"c{cause}-", 100, $"The provider {(char)('a' + (cause / 10))}{(char)('a' + (cause % 10))} refused it and said so in a rather long sentence");
        }

        await using var gateway = await GatewayHost.StartAsync(_ => store);
        await gateway.GetAsync("/queue/failures"); // The first request of a process compiles it.
        byte[] answer = [];
        await Eventually.TrueAsync(async () =>
        {
            var since = Stopwatch.GetTimestamp();
            answer = await gateway.Client.GetByteArrayAsync("/queue/failures", Cancellation);
            return Stopwatch.GetElapsedTime(since) < TimeSpan.FromMilliseconds(300); // Once is enough: what else goes on is no fault of it.
        });

        var list = JsonNode.Parse(answer)!;
        Assert.Equal((10_000, 100), ((int)list["total"]!, (int)list["causes"]!));
        Assert.InRange(answer.Length, 1, 50_000);
        Assert.Equal(100, (await gateway.GetAsync("/queue/failures?limit=500")).Body!["groups"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_replay_goes_on_at_its_rate_whoever_looks_and_outlives_its_gateway()
    {
        const int Jobs = 12; // Six seconds: it goes on while the second one is asked for, and when its gateway ends.
        InMemoryJobStore store;
        string cause;
        await using (var dies = await GatewayHost.StartAsync())
        {
            store = dies.Store;
            await FailAsync(store, "j", Jobs, "broken");
            cause = await CauseAsync(dies);
            using var asked = await dies.PostAsync($"/queue/{Queue}/failures/{cause}/retry?rate=2", "{}");
            Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
            using var again = await dies.PostAsync($"/queue/{Queue}/failures/{cause}/retry", "{}");
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
            await Eventually.TrueAsync(async () => (int?)(await ReplayAsync(dies, cause))?["done"] >= 2);
        }

        await using var other = await GatewayHost.StartAsync(_ => store);
        await Eventually.TrueAsync(async () => (string?)(await ReplayAsync(other, cause))?["state"] == "done");

        Assert.Equal((Jobs, Jobs), ((int)(await ReplayAsync(other, cause))!["done"]!, (int)(await ReplayAsync(other, cause))!["total"]!));
        Assert.Equal(Jobs, (await store.GetMetricsAsync([Queue], Cancellation))[0].Waiting);
    }

    [Fact]
    public async Task A_replay_is_undone_before_it_begins_and_stopped_while_it_runs_and_what_it_has_not_come_to_stays_failed()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await FailAsync(gateway.Store, "j", 50, "broken");
        var cause = await CauseAsync(gateway);

        await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/retry?undoSeconds=300", "{}");
        using var undone = await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/stop", "{}");
        Assert.Equal("undone", (string)(await ReplayAsync(gateway, cause))!["state"]!);
        Assert.Equal(50, (await gateway.Store.GetMetricsAsync([Queue], Cancellation))[0].Failed);

        await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/retry?rate=1", "{}");
        await Eventually.TrueAsync(async () => (int?)(await ReplayAsync(gateway, cause))?["done"] >= 1);
        using var stopped = await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/stop", "{}");
        using var nothing = await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/stop", "{}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict), (stopped.StatusCode, nothing.StatusCode));
        var replay = (await ReplayAsync(gateway, cause))!;
        Assert.Equal("stopped", (string)replay["state"]!);
        Assert.Equal(50 - (int)replay["done"]!, (await gateway.Store.GetMetricsAsync([Queue], Cancellation))[0].Failed);
    }

    [Fact]
    public async Task Discarding_a_group_needs_a_reason_is_one_call_and_one_entry_of_the_audit_log()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await FailAsync(gateway.Store, "old", 1_200, "broken");
        await FailAsync(gateway.Store, "new", 2, "something else");
        var cause = await CauseAsync(gateway);

        using var refused = await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/discard", "{}");
        using var discarded = await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/discard?reason=sent%20by%20hand", "{}");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("""{"removed":1200}""", await discarded.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(2, (await gateway.Store.GetMetricsAsync([Queue], Cancellation))[0].Failed);
        var entry = Assert.Single((await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray(), one => (string)one!["action"]! == "DiscardFailure")!;
        Assert.Equal((1200, "sent by hand"), ((int)entry["count"]!, (string)entry["reason"]!));
    }

    [Fact]
    public async Task A_muted_cause_comes_last_and_comes_back_when_it_is_unmuted()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await FailAsync(gateway.Store, "known", 3, "known");
        await FailAsync(gateway.Store, "news", 2, "news");
        var cause = await CauseAsync(gateway);

        using var wrong = await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/mute?hours=0", "{}");
        using var muted = await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/mute?hours=24&reason=ticket%2017", "{}");
        var groups = (await gateway.GetAsync($"/queue/{Queue}/failures")).Body!["groups"]!.AsArray();
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(["news", "known"], groups.Select(group => (string)group!["message"]!));
        Assert.Equal("ticket 17", (string)groups[1]!["mute"]!["reason"]!);

        using var unmuted = await gateway.PostAsync($"/queue/{Queue}/failures/{cause}/unmute", "{}");
        Assert.Equal(cause, await CauseAsync(gateway));
    }

    private static async Task<string> CauseAsync(GatewayHost gateway) => (string)(await gateway.GetAsync("/queue/failures")).Body!["groups"]![0]!["cause"]!;

    private static async Task<JsonNode?> ReplayAsync(GatewayHost gateway, string cause) =>
        (await gateway.GetAsync($"/queue/{Queue}/failures/{cause}")).Body?["replay"];

    private static async Task FailAsync(InMemoryJobStore store, string prefix, int count, string message)
    {
        var ids = Enumerable.Range(1, count).Select(number => $"{prefix}{number}").ToList();
        await store.AddAsync(Queue, [.. ids.Select(id => new NewJob { JobId = id, Type = "send-message", Data = "{}"u8.ToArray() })], Cancellation);
        var runs = await store.BeginAsync(Queue, [.. ids.Select(id => new BeginRequest(id, null, null))], Cancellation);
        await store.FinishAsync(
            Queue, [.. runs.Select((run, i) => new RunEnd(run.Run!.Key, RunEndKind.Failed) { Error = new JobError($"{message}{(count > 5 ? $" {i}" : string.Empty)}") })], Cancellation);
        await store.ConfirmDeadLettersAsync(Queue, ids, Cancellation);
    }
}
