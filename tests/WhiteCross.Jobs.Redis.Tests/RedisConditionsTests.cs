using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using WhiteCross.Jobs.Redis;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>What is said of a Redis whose settings endanger the queues.</summary>
public sealed class RedisConditionsTests : IDisposable
{
    private readonly LogCollector _log = new();
    private readonly LoggerFactory _loggers;

    public RedisConditionsTests() => _loggers = new LoggerFactory([_log]);

    private ILogger<RedisConnectionLog> Logger => _loggers.CreateLogger<RedisConnectionLog>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public async Task A_Redis_that_evicts_is_warned_of_at_start_and_each_time_that_it_is_back()
    {
        await using var server = await RedisServer.StartLocalAsync(appendOnly: true);
        await using var connection = await server.ConnectAsync(options => options.ReconnectRetryPolicy = new LinearRetry(50));
        await SetAsync(connection, server, "maxmemory-policy", "allkeys-lru");
        RedisConnectionLog.Attach(connection, Logger);
        await Eventually.TrueAsync(() => Lines("allkeys-lru").Count == 1);
        var text = Lines("allkeys-lru")[0];
        Assert.All(["Warning", "maxmemory-policy", "noeviction"], word => Assert.Contains(word, text, StringComparison.Ordinal));
        Assert.Empty(Lines("appendonly"));

        await server.KillAsync();
        await server.RestartAsync();
        await Eventually.TrueAsync(() => connection.IsConnected);
        await SetAsync(connection, server, "maxmemory-policy", "volatile-ttl");
        await new RedisConditions(connection, Logger).LookAsync(Cancel);
        Assert.Single(Lines("volatile-ttl"));
    }

    [Fact]
    public async Task A_Redis_that_keeps_no_file_or_is_a_replica_is_told_of_once_and_a_good_one_not_at_all()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync();
        var conditions = new RedisConditions(connection, Logger);
        await conditions.LookAsync(Cancel);
        await conditions.LookAsync(Cancel);
        Assert.Contains(" Information ", Assert.Single(Lines("appendonly")), StringComparison.Ordinal);
        Assert.Empty(Lines("evict"));

        await connection.GetServer(server.Host, server.Port).ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await conditions.LookAsync(Cancel);
        await conditions.LookAsync(Cancel);
        Assert.Contains(" Information ", Assert.Single(Lines("is a replica")), StringComparison.Ordinal);
    }

    private static Task SetAsync(ConnectionMultiplexer connection, RedisServer server, string setting, string value) =>
        connection.GetServer(server.Host, server.Port).ConfigSetAsync(setting, value);

    private List<string> Lines(string word) => [.. _log.Lines.Where(line => line.Contains(word, StringComparison.Ordinal))];
}
