using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>How deep a queue was, how long its jobs waited, and what ended, over an hour to a week.</summary>
public sealed class TrendTests
{
    private const string Queue = "message-delivery";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private CountingStore? _store;

    [Theory]
    [InlineData("1h", 60, 60)]
    [InlineData("6h", 300, 72)]
    [InlineData("24h", 600, 144)]
    [InlineData("7d", 3600, 168)]
    public async Task Each_span_shows_depth_wait_and_ends_in_steps_that_a_chart_can_show(string span, int stepSeconds, int count)
    {
        await using var gateway = await StartAsync();
        await gateway.FailAsync(Queue, "fails"); // First: none but the next job is ever seen waiting.
        using var waits = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message());
        using var later = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message(options: """{ "delay": 86400000 }"""));

        // What ended is told once a minute.
        var steps = await StepsWhenAsync(gateway, span, found => found.Any(step => step!["longestWait"]?.GetValue<long>() >= 5000) && found.Any(step => step!["failed"]?.GetValue<long>() == 1));

        Assert.Equal(count, steps.Count);
        var times = steps.Select(step => step!["at"]!.GetValue<DateTimeOffset>()).ToList();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(stepSeconds, (pair.Second - pair.First).TotalSeconds));
        var seen = steps.Last(step => step!["waiting"] is not null)!;
        Assert.Equal((1, 1), (seen["waiting"]!.GetValue<long>(), seen["delayed"]!.GetValue<long>()));
        Assert.Equal(1, steps.Sum(step => step!["failed"]?.GetValue<long>() ?? 0));

        // Nobody looked before the gateway ran, which is not the same as nothing waiting.
        Assert.Null(steps[0]!["waiting"]);
    }

    [Fact]
    public async Task While_the_store_is_away_there_is_a_gap_and_afterwards_it_goes_on()
    {
        await using var gateway = await StartAsync();
        await StepsWhenAsync(gateway, "1h", steps => steps.Any(step => step!["waiting"] is not null));
        _store!.IsAway = true;
        for (var i = 0; i < 40; i++)
        {
            await AdvanceAsync(); // Over three minutes in all.
        }

        _store.IsAway = false;

        var steps = await StepsWhenAsync(gateway, "1h", found => found[^1]!["waiting"] is not null);

        var known = steps.Select(step => step!["waiting"] is not null).ToList();
        Assert.Contains(false, known[known.IndexOf(true)..]);
    }

    [Theory]
    [InlineData("2h")]
    [InlineData("week")]
    public async Task Another_span_is_refused_by_name(string span)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var (status, problem) = await gateway.GetAsync($"/queue/{Queue}/trend?span={span}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("must be one of 1h, 6h, 24h, 7d.", problem!["errors"]!["span"]![0]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAsync("/queue/nowhere/trend")).Status);
    }

    private Task<GatewayHost> StartAsync() => GatewayHost.StartAsync(inner => (_store = CountingStore.Of(inner)).Store, _time);

    private async Task<JsonArray> StepsWhenAsync(GatewayHost gateway, string span, Func<JsonArray, bool> isSo)
    {
        for (var looks = 0; looks < 100; looks++)
        {
            var steps = (await gateway.GetAsync($"/queue/{Queue}/trend?span={span}")).Body!["steps"]!.AsArray();
            if (isSo(steps))
            {
                return steps;
            }

            await AdvanceAsync();
        }

        throw new TimeoutException("A hundred looks at the queues have not shown it.");
    }

    // The clock never runs ahead of the gateway's looks.
    private async Task AdvanceAsync()
    {
        var looks = _store!.Looks;
        _time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.TrueAsync(() => _store.Looks > looks, TimeSpan.FromSeconds(60));
    }
}
