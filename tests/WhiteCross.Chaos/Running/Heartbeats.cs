using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;
using WhiteCross.Chaos.Checking;

namespace WhiteCross.Chaos.Running;

/// <summary>
/// Watches the machine while faults are made: when this process, which nothing is done to, got a processor late, and when Redis, which nothing was done to
/// either, did not answer for so long that leases may have run out.
/// </summary>
internal sealed class Heartbeats : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly string _redis;
    private readonly TimeSpan _longSilence;
    private readonly TimeProvider _time;
    private readonly Task _watching;

    public Heartbeats(string redis, TimeSpan longSilence, TimeProvider time)
    {
        (_redis, _longSilence, _time) = (redis, longSilence, time);
        _watching = Task.WhenAll(BeatAsync(), AskRedisAsync());
    }

    /// <summary>When beats were taken.</summary>
    public ConcurrentQueue<TimeSpan> Taken { get; } = new();

    /// <summary>When Redis did not answer.</summary>
    public ConcurrentQueue<Outage> RedisSilences { get; } = new();

    private static TimeSpan Monotonic => TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(ChaosHistory.BeatInterval, _time);
        while (!_stop.IsCancellationRequested)
        {
            Taken.Enqueue(Monotonic);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task AskRedisAsync()
    {
        var options = ConfigurationOptions.Parse(_redis);
        options.AbortOnConnectFail = false;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        using var timer = new PeriodicTimer(ChaosHistory.BeatInterval, _time);
        var answered = Monotonic;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await connection.GetDatabase().PingAsync();
                if (Monotonic - answered >= _longSilence)
                {
                    RedisSilences.Enqueue(new Outage("Redis was silent", IsOfService: false, IsOfRedis: true, answered, Monotonic));
                }

                answered = Monotonic;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // Not this time.
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
