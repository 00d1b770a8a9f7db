using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway.Tests;

/// <summary>Changes of health on any store: each is there once, whoever saw it, and no more than fit.</summary>
public abstract class HealthHistoryContract
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly IHealthHistory _history;

    private protected HealthHistoryContract(Func<IHealthHistory> create) => _history = create();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes__come_back_newest_first_and_whole()
    {
        var (worse, better) = (Seen("redis", QueueHealthStatus.Unhealthy, 1), Seen("redis", QueueHealthStatus.Healthy, 2));
        Assert.True(await _history.AddAsync(worse, Cancel));
        Assert.True(await _history.AddAsync(better, Cancel));

        Assert.Equal([better, worse], await _history.ListAsync(10, Cancel));
        Assert.Equal([better], await _history.ListAsync(1, Cancel));
    }

    [Fact]
    public async Task Healthy_at_first__is_no_change()
    {
        Assert.False(await _history.AddAsync(Seen("redis", QueueHealthStatus.Healthy, 1), Cancel));
        Assert.True(await _history.AddAsync(Seen("redis", QueueHealthStatus.Degraded, 2), Cancel));

        Assert.Single(await _history.ListAsync(10, Cancel));
    }

    [Fact]
    public async Task The_same_seen_by_two__is_there_once()
    {
        // The second one was cut off, and tells all that it saw when the first has told it long ago.
        foreach (var late in new[] { 0, 1 })
        {
            await _history.AddAsync(Seen("redis", QueueHealthStatus.Unhealthy, 10 + late), Cancel);
            await _history.AddAsync(Seen("redis", QueueHealthStatus.Healthy, 20 + late), Cancel);
        }

        Assert.Equal([20, 10], (await _history.ListAsync(10, Cancel)).Select(change => (int)(change.At - Start).TotalSeconds));
    }

    [Fact]
    public async Task Components__change_by_themselves()
    {
        await _history.AddAsync(Seen("redis", QueueHealthStatus.Unhealthy, 1), Cancel);
        await _history.AddAsync(Seen("message-delivery", QueueHealthStatus.Unhealthy, 1), Cancel);

        Assert.Equal(["message-delivery", "redis"], (await _history.ListAsync(10, Cancel)).Select(change => change.Component));
    }

    [Fact]
    public async Task More_than_fit__push_out_the_oldest()
    {
        for (var i = 1; i <= IHealthHistory.Capacity + 5; i++)
        {
            await _history.AddAsync(Seen("redis", i % 2 == 0 ? QueueHealthStatus.Healthy : QueueHealthStatus.Unhealthy, i), Cancel);
        }

        var changes = await _history.ListAsync(int.MaxValue, Cancel);

        Assert.Equal(IHealthHistory.Capacity, changes.Count);
        Assert.Equal(Start.AddSeconds(6), changes[^1].At);
    }

    private static HealthChange Seen(string component, QueueHealthStatus status, int second) => new(component, status, "It was so.", Start.AddSeconds(second));
}
