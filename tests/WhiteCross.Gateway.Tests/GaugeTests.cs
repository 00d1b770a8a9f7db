using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>What Prometheus scrapes is what the API says, of this gateway and no other.</summary>
public sealed class GaugeTests
{
    private const string Queue = "message-delivery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scrape_says_what_the_api_says()
    {
        await using var other = await GatewayHost.StartAsync();
        await other.FailAsync(Queue, "elsewhere");
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "broken-1");
        await gateway.FailAsync(Queue, "broken-2");
        using var waits = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message());
        using var later = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message(options: """{ "delay": 3600000 }"""));
        using var runs = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message("runs"));
        await gateway.Store.BeginAsync(Queue, [new BeginRequest("runs")], Cancellation);
        await gateway.Store.PauseAsync("message-indexing", Cancellation);

        var scrape = await ScrapeWhenAsync(gateway, read => read.Find("whitecross_queue_paused", ("messaging_destination_name", "message-indexing")) == 1);

        var report = (await gateway.GetAsync("/queue/metrics")).Body!;
        foreach (var queue in JobQueues.All)
        {
            var (metrics, label) = (report["queues"]![queue.Name]!, ("messaging_destination_name", queue.Name));
            foreach (var state in new[] { "waiting", "active", "delayed", "paused", "completed", "failed" })
            {
                Assert.Equal(metrics[state]!.GetValue<double>(), scrape.Find("whitecross_queue_jobs", label, ("state", state)));
            }

            foreach (var (change, field) in new[] { ("added", "added"), ("completed", "completedTotal"), ("failed", "failedTotal"), ("retried", "retriedTotal"), ("stalled", "stalledTotal"), ("removed", "removed") })
            {
                Assert.Equal(metrics[field]!.GetValue<double>(), scrape.Find("whitecross_queue_changes_total", label, ("change", change)));
            }

            Assert.Equal(metrics["isPaused"]!.GetValue<bool>() ? 1 : 0, scrape.Find("whitecross_queue_paused", label));
            Assert.Equal(metrics["failureRate"]!.GetValue<double>(), scrape.Find("whitecross_queue_failure_ratio", label));
        }

        Assert.Equal((2, 1, 1, 1), (Jobs(scrape, "failed"), Jobs(scrape, "waiting"), Jobs(scrape, "delayed"), Jobs(scrape, "active")));
        Assert.InRange(scrape.Find("whitecross_queue_oldest_waiting_age_seconds", ("messaging_destination_name", Queue))!.Value, 0.001, 60);
        Assert.Equal(0, scrape.Find("whitecross_queue_oldest_waiting_age_seconds", ("messaging_destination_name", "message-cleanup")));
        Assert.Equal(1, scrape.Find("whitecross_store_available"));
    }

    [Fact]
    public async Task Many_scrapes_cost_one_look_at_the_store()
    {
        CountingStore? counting = null;
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var gateway = await GatewayHost.StartAsync(store => (counting = CountingStore.Of(store)).Store, time);
        await Scrape.ReadAsync(gateway.Client);

        // The clock stands: besides the scrapes nobody looks but the services that start, once.
        var before = 0;
        await Eventually.TrueAsync(async () =>
        {
            before = counting!.Looks;
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Scrape.ReadAsync(gateway.Client)));
            return counting.Looks == before;
        });

        time.Advance(TimeSpan.FromSeconds(2));
        await Scrape.ReadAsync(gateway.Client);
        Assert.Equal(before + 1, counting!.Looks);
    }

    [Fact]
    public async Task Without_the_store_no_old_number_is_shown()
    {
        CountingStore? counting = null;
        await using var gateway = await GatewayHost.StartAsync(store => (counting = CountingStore.Of(store)).Store);
        await ScrapeWhenAsync(gateway, read => Jobs(read, "waiting") == 0);

        counting!.IsAway = true;

        var scrape = await ScrapeWhenAsync(gateway, read => read.Find("whitecross_store_available") == 0);
        Assert.Null(scrape.Find("whitecross_queue_jobs", ("messaging_destination_name", Queue), ("state", "waiting")));
    }

    private static double? Jobs(Scrape scrape, string state) => scrape.Find("whitecross_queue_jobs", ("messaging_destination_name", Queue), ("state", state));

    // The gateway looks at most once a second, and the exporter keeps an answer for a moment.
    private static async Task<Scrape> ScrapeWhenAsync(GatewayHost gateway, Func<Scrape, bool> isAsked)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await timer.WaitForNextTickAsync(patience.Token))
        {
            var scrape = await Scrape.ReadAsync(gateway.Client);
            if (isAsked(scrape))
            {
                return scrape;
            }
        }

        throw new InvalidOperationException("The timer has ended.");
    }
}
