using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using StackExchange.Redis;

namespace WhiteCross.Bench.Queue;

/// <summary>What is measured, named as the peers' benchmark reads it.</summary>
internal sealed record Result
{
    public string Peer { get; init; } = string.Empty;

    public string Scenario { get; init; } = string.Empty;

    public int N { get; init; }

    public double Seconds { get; init; }

    public double PerSecond { get; init; }

    [JsonPropertyName("p50ms")]
    public double? P50Milliseconds { get; init; }

    [JsonPropertyName("p99ms")]
    public double? P99Milliseconds { get; init; }

    public double RedisOpsPerJob { get; init; }

    public double RedisScriptsPerJob { get; init; }

    public double RedisCpuUsPerJob { get; init; }

    public double RedisInBytesPerJob { get; init; }

    public double RedisOutBytesPerJob { get; init; }

    public double ClientCpuUsPerJob { get; init; }

    /// <summary>Events published through sidecars: on daprd each is an XADD, an XREADGROUP's entry and an XACK.</summary>
    public double SidecarEntriesPerJob { get; init; }

    /// <summary>Requests by which sidecars delivered them.</summary>
    public double SidecarDeliveriesPerJob { get; init; }

    /// <summary>Bytes of events in the streams.</summary>
    public double SidecarBytesPerJob { get; init; }

    public int? OutOfOrder { get; init; }

    public int? DistinctDone { get; init; }

    public int? HandlerCalls { get; init; }

    /// <summary>Of a scenario that compares: what with to what without, or last to first.</summary>
    public double? Ratio { get; init; }
}

/// <summary>Runs work between two readings of the clock, of the processes' processor time, and of Redis's counters.</summary>
internal sealed class Measuring(IServer redis)
{
    public async Task<Result> MeasureAsync(int count, BenchApp[] apps, Func<Task<List<double>?>> work)
    {
        GC.Collect();
        var events = new EventCounter(redis.Multiplexer.GetDatabase(1));
        await events.ReadAsync();
        var (entries, bytes, deliveries) = (events.Entries, events.Bytes, apps.Sum(app => app.Deliveries));
        var (counters, processor, since) = (await ReadAsync(), ProcessorTime(apps), Stopwatch.GetTimestamp());
        var times = await work();
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var used = ProcessorTime(apps) - processor;
        var after = await ReadAsync();
        await events.ReadAsync();
        times?.Sort();
        return new Result
        {
            N = count,
            Seconds = seconds,
            PerSecond = count / seconds,
            P50Milliseconds = Quantile(times, 0.5),
            P99Milliseconds = Quantile(times, 0.99),
            RedisOpsPerJob = (after.Commands - counters.Commands - 1) / count, // The first INFO counts itself.
            RedisScriptsPerJob = (after.Scripts - counters.Scripts) / count,
            RedisCpuUsPerJob = (after.Seconds - counters.Seconds) * 1e6 / count,
            RedisInBytesPerJob = (after.In - counters.In) / count,
            RedisOutBytesPerJob = (after.Out - counters.Out) / count,
            ClientCpuUsPerJob = used.TotalMicroseconds / count,
            SidecarEntriesPerJob = (events.Entries - entries) / (double)count,
            SidecarDeliveriesPerJob = (apps.Sum(app => app.Deliveries) - deliveries) / (double)count,
            SidecarBytesPerJob = (events.Bytes - bytes) / (double)count,
        };
    }

    /// <summary>Counts what is in the lanes from now on.</summary>
    public async Task<EventCounter> CountEventsAsync()
    {
        var events = new EventCounter(redis.Multiplexer.GetDatabase(1));
        await events.ReadAsync();
        return events;
    }

    private static double? Quantile(List<double>? sorted, double quantile) =>
        sorted is not { Count: > 0 } ? null : sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(quantile * sorted.Count) - 1)];

    private static TimeSpan ProcessorTime(BenchApp[] apps)
    {
        using var own = Process.GetCurrentProcess();
        return apps.Aggregate(own.TotalProcessorTime, (sum, app) => sum + app.Sidecar.ProcessorTime);
    }

    private async Task<(double Commands, double Scripts, double Seconds, double In, double Out)> ReadAsync()
    {
        double commands = 0, scripts = 0, seconds = 0, @in = 0, @out = 0;
        foreach (var (name, text) in (await redis.InfoAsync("all")).SelectMany(section => section))
        {
            switch (name)
            {
                case "total_commands_processed":
                    commands = Number(text);
                    break;
                case "used_cpu_user" or "used_cpu_sys":
                    seconds += Number(text);
                    break;
                case "total_net_input_bytes":
                    @in = Number(text);
                    break;
                case "total_net_output_bytes":
                    @out = Number(text);
                    break;
                case "cmdstat_evalsha" or "cmdstat_eval" or "cmdstat_evalsha_ro" or "cmdstat_eval_ro":
                    scripts += Number(text["calls=".Length..text.IndexOf(',', StringComparison.Ordinal)]);
                    break;
            }
        }

        return (commands, scripts, seconds, @in, @out);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
