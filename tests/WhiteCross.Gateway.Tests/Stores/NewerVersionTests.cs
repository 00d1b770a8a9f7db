using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.Gateway.Tests;

/// <summary>A newer version of the gateway works on the same Redis: what it adds to entries this one neither trips over nor loses.</summary>
public sealed class NewerVersionTests(StoresRedis redis)
{
    private readonly string _queue = RedisServer.NewName("newer");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unknown_fields_of_a_schedule_survive_a_change_here()
    {
        var store = new RedisVersionedStore<JobSchedule>(redis.Database, GatewayStores.Schedules);
        using var envelope = JsonDocument.Parse("{}");
        Assert.True(await store.ReplaceAsync(null, new JobSchedule { Id = "nightly", Queue = _queue, Every = 1_000, Job = envelope.RootElement.Clone() }, Cancel));
        var key = $"wc:{{{_queue}}}:schedules";
        var json = JsonNode.Parse((string)(await redis.Database.HashGetAsync(key, "nightly"))!)!;
        json["jitter"] = 250;
        await redis.Database.HashSetAsync(key, "nightly", json.ToJsonString());

        var current = (await store.FindAsync(_queue, "nightly", Cancel))!;
        Assert.True(await store.ReplaceAsync(current, current with { Runs = 1 }, Cancel));

        var written = JsonNode.Parse((string)(await redis.Database.HashGetAsync(key, "nightly"))!)!;
        Assert.Equal((250, 1), (written["jitter"]!.GetValue<int>(), written["runs"]!.GetValue<int>()));
    }
}
