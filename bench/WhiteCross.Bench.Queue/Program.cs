using System.Text.Json;
using System.Text.Json.Serialization;
using StackExchange.Redis;
using WhiteCross.Bench.Queue;

// A contestant of the peers' benchmark: bench/direct SCENARIO has the sidecars in this process, bench/sidecar SCENARIO in processes of their own.
if (args is not [("direct" or "sidecar") and var form, var scenario])
{
    Console.Error.WriteLine("Usage: bench/direct SCENARIO or bench/sidecar SCENARIO, where SCENARIO is enqueue-single, enqueue-bulk, process, end-to-end, latency, priority, progress, retry, backoff or memory.");
    return 2;
}

await using var redis = await ConnectionMultiplexer.ConnectAsync($"{BenchSettings.Host}:{BenchSettings.Port},allowAdmin=true");
var scenarios = new Scenarios(form == "direct", new Measuring(redis.GetServers()[0]));
await scenarios.RunAsync(scenario is "memory" or "backoff" ? "process" : scenario, Math.Clamp(BenchSettings.WarmUp, 100, BenchSettings.Jobs));

// What the warm-up left in the way of events belongs to nobody.
await redis.GetServers()[0].FlushDatabaseAsync(1);
var count = scenario == "latency" ? BenchSettings.Rate * BenchSettings.RateSeconds : BenchSettings.Jobs;
var result = await scenarios.RunAsync(scenario, count) with { Peer = form, Scenario = scenario };
Console.WriteLine(JsonSerializer.Serialize(
    result, new JsonSerializerOptions(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull }));
return 0;
