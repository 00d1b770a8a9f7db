using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using WhiteCross.Jobs.Redis;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>What is said of a Redis whose settings endanger the queues.</summary>
public sealed class RedisConditionsTests : ILogger<RedisConnectionLog>
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Redis_that_evicts_is_warned_of_at_start_and_each_time_that_it_is_back()
    {
        await using var server = await RedisServer.StartLocalAsync(appendOnly: true);
        await using var connection = await server.ConnectAsync(options => options.ReconnectRetryPolicy = new LinearRetry(50));
        await SetAsync(connection, server, "maxmemory-policy", "allkeys-lru");
        RedisConnectionLog.Attach(connection, this);
        await UntilAsync(() => Lines("allkeys-lru").Count == 1);
        var (level, text) = Lines("allkeys-lru")[0];
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("maxmemory-policy", text, StringComparison.Ordinal);
        Assert.Contains("noeviction", text, StringComparison.Ordinal);
        Assert.Empty(Lines("appendonly"));

        await server.KillAsync();
        await server.RestartAsync();
        await UntilAsync(() => connection.IsConnected);
        await SetAsync(connection, server, "maxmemory-policy", "volatile-ttl");
        await new RedisConditions(connection, this).LookAsync(Cancel);
        Assert.Single(Lines("volatile-ttl"));
    }

    [Fact]
    public async Task A_Redis_that_keeps_no_file_or_is_a_replica_is_told_of_once_and_a_good_one_not_at_all()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync();
        var conditions = new RedisConditions(connection, this);
        await conditions.LookAsync(Cancel);
        await conditions.LookAsync(Cancel);
        Assert.Equal(LogLevel.Information, Assert.Single(Lines("appendonly")).Level);
        Assert.Empty(Lines("evict"));

        await connection.GetServer(server.Host, server.Port).ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await conditions.LookAsync(Cancel);
        await conditions.LookAsync(Cancel);
        Assert.Equal(LogLevel.Information, Assert.Single(Lines("replica")).Level);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, formatter(state, exception)));

    private static Task SetAsync(ConnectionMultiplexer connection, RedisServer server, string setting, string value) =>
        connection.GetServer(server.Host, server.Port).ConfigSetAsync(setting, value);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            Assert.True(await timer.WaitForNextTickAsync(timeout.Token));
        }
    }

    private List<(LogLevel Level, string Text)> Lines(string word) => [.. _lines.Where(line => line.Text.Contains(word, StringComparison.Ordinal))];
}
