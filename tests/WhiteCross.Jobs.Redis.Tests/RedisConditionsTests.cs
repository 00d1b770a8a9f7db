using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
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
        // Connected to as a service does.
        var options = new RedisJobStoreOptions { Host = server.EndPoint, Port = server.Port }.ToConfigurationOptions();
        options.ReconnectRetryPolicy = new LinearRetry(50);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
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
        Assert.NotEmpty(Lines("volatile-ttl")); // Twice when the look that came with the connection is that late.
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

    [Fact]
    public async Task Readiness_says_that_Redis_may_evict_or_is_away_and_takes_nobody_out_of_service()
    {
        await using var server = await RedisServer.StartLocalAsync();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(RedisJobStoreOptions.HostSetting, (string?)server.EndPoint)]).Build();
        var builder = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging();
        builder.AddRedisJobStore(configuration);
        await using var services = builder.BuildServiceProvider();
        var health = services.GetRequiredService<HealthCheckService>();
        await using var connection = await server.ConnectAsync();

        Assert.Equal((HealthStatus.Healthy, 0), await LookAsync());
        await SetAsync(connection, server, "maxmemory-policy", "allkeys-lru");
        Assert.Equal((HealthStatus.Degraded, 1), await LookAsync("maxmemory-policy", "allkeys-lru"));
        await server.KillAsync();
        await Eventually.TrueAsync(async () => (await CheckAsync()).Data.ContainsKey("redis"));
        Assert.Equal((HealthStatus.Degraded, 1), await LookAsync("redis", "cannot be reached"));

        async Task<(HealthStatus Status, int Told)> LookAsync(string? what = null, string? why = null)
        {
            var entry = await CheckAsync();
            Assert.Null(entry.Exception);
            Assert.Contains(why ?? string.Empty, what is null ? string.Empty : (string)entry.Data[what], StringComparison.Ordinal);
            return (entry.Status, entry.Data.Count);
        }

        async Task<HealthReportEntry> CheckAsync() => (await health.CheckHealthAsync(check => check.Tags.Contains("ready"), Cancel)).Entries[RedisHealth.Name];
    }

    private static Task SetAsync(ConnectionMultiplexer connection, RedisServer server, string setting, string value) =>
        connection.GetServer(server.Host, server.Port).ConfigSetAsync(setting, value);

    private List<string> Lines(string word) => [.. _log.Lines.Where(line => line.Contains(word, StringComparison.Ordinal))];
}
