using System.Collections.Concurrent;
using System.Net.Http.Json;
using StackExchange.Redis;
using WhiteCross.Processes.Tests.WholeSystem;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;
using static WhiteCross.Processes.Tests.WholeSystem.Jobs;

namespace WhiteCross.Processes.Tests.RedisModes;

/// <summary>Redis with a replica, watched by Sentinel.</summary>
public sealed class SentinelTests : IAsyncLifetime
{
    private const string Queue = "message-indexing";
    private const int Before = 100;
    private const int After = 100;

    private readonly List<RedisProcess> _servers = [];

    public async ValueTask InitializeAsync()
    {
        var sentinel = new ConfigurationOptions { CommandMap = CommandMap.Sentinel, TieBreaker = string.Empty };
        var master = await StartAsync(_ => "save \"\"");
        await StartAsync(_ => $"save \"\"\nreplicaof 127.0.0.1 {master.Port}");
        await StartAsync(_ => $"""
            sentinel monitor whitecross 127.0.0.1 {master.Port} 1
            sentinel down-after-milliseconds whitecross 3000
            sentinel failover-timeout whitecross 5000
            """, sentinel);
        await using var connection = await _servers[2].ConnectAsync(sentinel);
        await UntilAsync(async () => (await connection.GetServers()[0].SentinelReplicasAsync("whitecross")).Length == 1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task No_replicated_job_is_lost_when_the_master_dies_amid_the_work_and_its_replica_takes_over()
    {
        await using var system = await ProcessSystem.StartAsync(
            new ProcessSystemOptions
            {
                Redis = $"{_servers[2].EndPoint},",
                Apps = ["queue-gateway", Queue],
                // As docs/operations.md says.
                RedisMetadata = new Dictionary<string, string?> { ["redisPort"] = null, ["failover"] = "true", ["sentinelMasterName"] = "whitecross" },
                Environment = new Dictionary<string, string>
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Development",
                    ["REDIS_FAILOVER"] = "true",
                    ["REDIS_SENTINEL_MASTER"] = "whitecross",
                },
            },
            Cancellation);
        using var gateway = system.ClientOf("queue-gateway");
        var accepted = new ConcurrentBag<string>();

        await Parallel.ForAsync(0, Before, Cancellation, async (_, _) => await AddUntilAcceptedAsync(gateway, accepted));
        await ReplicatedAsync();
        await _servers[0].KillAsync();
        await Parallel.ForAsync(0, After, Cancellation, async (_, _) => await AddUntilAcceptedAsync(gateway, accepted));

        Assert.Equal(Before + After, accepted.Count);
        await Parallel.ForEachAsync(accepted, Cancellation, async (id, _) => await CompletedAsync(gateway, Queue, id));
    }

    /// <summary>Waits until the replica has what the master has: replication is not part of an answer, and what it has not seen no failover can keep.</summary>
    private async Task ReplicatedAsync()
    {
        await using var master = await ConnectionMultiplexer.ConnectAsync(_servers[0].EndPoint);
        await UntilAsync(async () =>
        {
            // WAIT tells of the writes of its own connection; those of others went before.
            await master.GetDatabase().StringSetAsync("replicated", "1");
            return (int)await master.GetDatabase().ExecuteAsync("WAIT", 1, 1000) >= 1;
        });
    }

    private async Task<RedisProcess> StartAsync(Func<int, string> configuration, ConfigurationOptions? options = null)
    {
        var server = await RedisProcess.StartAsync(port => $"port {port}\n{configuration(port)}", Cancellation, options);
        _servers.Add(server);
        return server;
    }

    private static async Task AddUntilAcceptedAsync(HttpClient gateway, ConcurrentBag<string> accepted)
    {
        var envelope = Envelope("index-message", new() { ["messageId"] = NewId(), ["operation"] = "index", ["content"] = "words", ["senderId"] = NewId(), ["conversationId"] = NewId() });
        var id = NewId();
        envelope["jobId"] = id;
        await UntilAsync(async () =>
        {
            using var answer = await gateway.PostAsJsonAsync($"/queue/{Queue}/jobs", envelope, Cancellation);
            return answer.IsSuccessStatusCode;
        });
        accepted.Add(id);
    }

    private static Task UntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(condition, TimeSpan.FromMinutes(2));
}
