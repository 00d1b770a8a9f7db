using WhiteCross.Testing;
using WhiteCross.Testing.Processes;
using static WhiteCross.Processes.Tests.WholeSystem.Jobs;

namespace WhiteCross.Processes.Tests.RedisModes;

/// <summary>A Redis Cluster of three.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const int Slots = 16_384;
    private const int Nodes = 3;

    // As docs/operations.md says.
    private static readonly Dictionary<string, string?> Cluster = new() { ["redisPort"] = null, ["redisType"] = "cluster", ["redisDB"] = "0" };

    private readonly List<RedisProcess> _nodes = [];

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < Nodes; i++)
        {
            var node = await RedisProcess.StartAsync(port => $"port {port}\nsave \"\"\ncluster-enabled yes\ncluster-port {Testing.FreePorts.Take()}", Cancellation);
            _nodes.Add(node);
            await node.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", i * Slots / Nodes, ((i + 1) * Slots / Nodes) - 1);
        }

        foreach (var node in _nodes.Skip(1))
        {
            await MeetAsync(node);
        }

        await UntilAllKnowAllAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_message_goes_through_delivery_index_and_notification_whose_keys_lie_on_different_nodes()
    {
        await using var system = await ProcessSystem.StartAsync(
            new ProcessSystemOptions
            {
                Redis = string.Join(',', _nodes.Select(node => node.EndPoint)),
                Apps = ["queue-gateway", "message-delivery", "message-indexing", "message-notification"],
                RedisMetadata = Cluster,
                Environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["REDIS_TYPE"] = "cluster" },
            },
            Cancellation);
        using var gateway = system.ClientOf("queue-gateway");
        var message = Message();

        await CompletedAsync(gateway, "message-delivery", await AddAsync(gateway, "message-delivery", Envelope("send-message", message)));
        await CompletedAsync(gateway, "message-indexing", $"index:{message["messageId"]}");
        await CompletedAsync(gateway, "message-notification", $"notify:{message["messageId"]}:in-app");

        foreach (var node in _nodes)
        {
            Assert.NotEqual(0, (long)await node.ExecuteAsync("DBSIZE"));
        }
    }

    [Fact]
    public async Task Another_database_than_0_is_refused_with_the_setting_and_the_way_out()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var system = await ProcessSystem.StartAsync(
                new ProcessSystemOptions
                {
                    Redis = string.Join(',', _nodes.Select(node => node.EndPoint)),
                    Apps = ["message-indexing"],
                    RedisMetadata = Cluster,
                    Environment = new Dictionary<string, string> { ["REDIS_TYPE"] = "cluster", ["REDIS_QUEUE_DB"] = "1" },
                },
                Cancellation);
        });
        Assert.Contains("REDIS_QUEUE_DB must be 0 with REDIS_TYPE=cluster", failure.Message, StringComparison.Ordinal);
    }

    private async Task MeetAsync(RedisProcess node)
    {
        var bus = ((string[])(await node.ExecuteAsync("CONFIG", "GET", "cluster-port"))!)[1];
        await _nodes[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", node.Port, bus);
    }

    private async Task UntilAllKnowAllAsync()
    {
        foreach (var node in _nodes)
        {
            await Eventually.TrueAsync(async () => (string)(await node.ExecuteAsync("CLUSTER", "INFO"))! is var info
                && info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains($"cluster_size:{Nodes}", StringComparison.Ordinal));
        }
    }
}
