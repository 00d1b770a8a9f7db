using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>What has been wrong, and when.</summary>
public sealed class HealthHistoryTests
{
    private const string Queue = "message-delivery";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_queue_that_gets_worse_and_better_leaves_two_changes_with_their_reasons()
    {
        await using var gateway = await GatewayHost.StartAsync(null, _time, settings: [("Health:MaxFailed", "0"), ("Health:MaxFailureRate", "1")]);
        await gateway.FailAsync(Queue, "broken");
        await ChangesAsync(gateway, Queue, 1);
        await gateway.Store.RetryAsync(Queue, null, TestContext.Current.CancellationToken);

        var changes = await ChangesAsync(gateway, Queue, 2);

        Assert.Equal(["healthy", "degraded"], changes.Select(change => change!["status"]!.GetValue<string>()));
        Assert.Equal("1 jobs have failed (limit 0).", changes[1]!["reason"]!.GetValue<string>());
        Assert.True(changes[0]!["at"]!.GetValue<DateTimeOffset>() > changes[1]!["at"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task An_outage_of_the_store_is_on_record_once_it_is_back_and_the_queues_are_not_blamed()
    {
        CountingStore? store = null;
        await using var gateway = await GatewayHost.StartAsync(inner => (store = CountingStore.Of(inner)).Store, _time);
        await ChangesAsync(gateway, "sidecar", 1); // There is none.
        store!.IsAway = true;
        var looks = store.Looks;
        await AdvanceUntilAsync(() => Task.FromResult(store.Looks >= looks + 2));
        store.IsAway = false;

        var changes = await ChangesAsync(gateway, "redis", 2);

        Assert.Equal(["healthy", "unhealthy"], changes.Select(change => change!["status"]!.GetValue<string>()));
        var all = (await gateway.GetAsync("/queue/health/history")).Body!["changes"]!.AsArray();
        Assert.DoesNotContain(all, change => JobQueues.TryGet(change!["component"]!.GetValue<string>(), out _));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    [InlineData("many")]
    public async Task A_wrong_limit_is_refused(string limit)
    {
        await using var gateway = await GatewayHost.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.GetAsync($"/queue/health/history?limit={limit}")).Status);
    }

    private async Task<JsonArray> ChangesAsync(GatewayHost gateway, string component, int count)
    {
        JsonArray changes = [];
        await AdvanceUntilAsync(async () =>
        {
            changes = (await gateway.GetAsync($"/queue/health/history?component={component}")).Body!["changes"]!.AsArray();
            return changes.Count >= count;
        });
        return changes;
    }

    private async Task AdvanceUntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
