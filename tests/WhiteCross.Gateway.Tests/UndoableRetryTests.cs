using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>Retries of many failed jobs that can be undone for a while.</summary>
public sealed class UndoableRetryTests
{
    private const string Queue = JobQueues.MessageDelivery;
    private const string Retry = $"/queue/{Queue}/failed/retry";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_does_not_ask_for_it_gets_what_was_always_done()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "a");
        await gateway.FailAsync(Queue, "b");

        Assert.Equal((HttpStatusCode.OK, """{"retried":1}"""), await TextAsync(await gateway.PostAsync(Retry, """{"jobIds":["a"]}""")));
        Assert.Equal((HttpStatusCode.OK, """{"retried":1}"""), await TextAsync(await gateway.PostAsync($"{Retry}?undoSeconds=0")));
    }

    [Fact]
    public async Task A_retry_is_undone_and_both_are_in_the_audit_log()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "a");
        await gateway.FailAsync(Queue, "b");

        var (location, held) = await PlanAsync(gateway, 300);
        Assert.Equal(("held", 2, Queue), ((string)held["state"]!, (int)held["count"]!, (string)held["queue"]!));
        Assert.Null(held["jobIds"]);
        using var undone = await gateway.PostAsync($"{location}/undo");

        Assert.Equal(HttpStatusCode.OK, undone.StatusCode);
        Assert.Equal("undone", (string)(await gateway.GetAsync(location)).Body!["state"]!);
        Assert.Equal(JobState.Failed, (await gateway.Store.GetAsync(Queue, "a", Cancellation))!.State);
        var entries = (await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray()
            .Where(entry => (string)entry!["action"]! != "AddJob").Select(entry => ((string)entry!["action"]!, (int)entry["count"]!));
        Assert.Equal([("UndoRetry", 2), ("RetryFailedJobs", 2)], entries);
    }

    [Fact]
    public async Task It_runs_when_its_time_is_over_and_then_it_is_too_late()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "a");
        var (location, _) = await PlanAsync(gateway, 1);

        await DoneAsync(gateway, location);

        Assert.Equal(JobState.Waiting, (await gateway.Store.GetAsync(Queue, "a", Cancellation))!.State);
        var (status, problem) = await TextAsync(await gateway.PostAsync($"{location}/undo"));
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("Too late", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_dies_within_the_time_leaves_it_to_another()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        InMemoryJobStore store;
        InMemoryVersionedStore<UndoableRetry> retries = new(GatewayStores.Retries);
        string location;
        await using (var dies = await GatewayHost.StartAsync(null, time, services => services.AddSingleton<IVersionedStore<UndoableRetry>>(retries)))
        {
            await dies.FailAsync(Queue, "runs");
            store = dies.Store; // What is on record outlives the gateway, as Redis does.
            (location, _) = await PlanAsync(dies, 10);
        }

        Assert.Equal(JobState.Failed, (await store.GetAsync(Queue, "runs", Cancellation))!.State);
        await using var other = await GatewayHost.StartAsync(_ => store, time, services => services.AddSingleton<IVersionedStore<UndoableRetry>>(retries));
        await Eventually.TrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (string?)(await other.GetAsync(location)).Body!["state"] == "done";
        });
        Assert.Equal(JobState.Waiting, (await store.GetAsync(Queue, "runs", Cancellation))!.State);
    }

    [Fact]
    public async Task Nothing_failed_is_nothing_to_undo()
    {
        await using var gateway = await GatewayHost.StartAsync();
        Assert.Equal((HttpStatusCode.OK, """{"retried":0}"""), await TextAsync(await gateway.PostAsync($"{Retry}?undoSeconds=10")));
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAsync($"/queue/{Queue}/retries/none")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.PostAsync($"/queue/{Queue}/retries/none/undo")).StatusCode);
    }

    [Theory]
    [InlineData("301")]
    [InlineData("-1")]
    [InlineData("soon")]
    public async Task A_time_that_cannot_be_is_named(string seconds)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var (status, problem) = await TextAsync(await gateway.PostAsync($"{Retry}?undoSeconds={seconds}"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotNull(JsonNode.Parse(problem)!["errors"]!["undoSeconds"]);
    }

    private static async Task<(string Location, JsonNode Held)> PlanAsync(GatewayHost gateway, int seconds)
    {
        using var answer = await gateway.PostAsync($"{Retry}?undoSeconds={seconds}");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (answer.Headers.Location!.OriginalString, (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!);
    }

    private static async Task DoneAsync(GatewayHost gateway, string location)
    {
        await Eventually.TrueAsync(async () => (string?)(await gateway.GetAsync(location)).Body!["state"] == "done");
    }

    private static async Task<(HttpStatusCode Status, string Body)> TextAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        }
    }
}
