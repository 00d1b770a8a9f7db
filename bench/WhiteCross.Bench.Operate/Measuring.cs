using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;
using WhiteCross.Bench.Queue;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Bench.Operate;

/// <summary>What is asked for on the command line.</summary>
internal sealed record Settings(int Retained, int Backlog, int Rounds, int Seconds, string? Only)
{
    public bool Wants(string what) => Only is null || Only == what;
}

/// <summary>The measurements, one after the other, and whether each keeps its limit.</summary>
internal static class Measuring
{
    private const int Rate = 500;
    private const int Looks = 200;

    public static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        KeepAll(settings);
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{BenchSettings.Host}:{BenchSettings.Port},allowAdmin=true");
        await connection.GetServers()[0].FlushDatabaseAsync(1);
        await Retained.PutAsync(connection, settings.Retained, cancellationToken);
        await using var gateway = await GatewayProcess.StartAsync(cancellationToken);
        await using var adder = await BenchApp.StartAdderAsync(isEmbedded: false);
        var table = new Table();

        if (settings.Wants("overview") || settings.Wants("pages"))
        {
            await using var worker = await BenchApp.CreateWorkerAsync(isEmbedded: false, new BenchHandler());
            await worker.StartAsync();
            using var flow = Flow.Start(adder, Rate, cancellationToken);
            await flow.IsFlowingAsync();
            if (settings.Wants("overview"))
            {
                await OverviewAsync(gateway, settings, table, cancellationToken);
            }

            if (settings.Wants("pages"))
            {
                await PagesAsync(gateway, table, cancellationToken);
            }

            table.Add($"Jobs a second meanwhile (of {Rate})", flow.PerSecond, "0", atLeast: Rate * 0.98);
            await flow.StopAsync();
        }

        if (settings.Wants("throughput"))
        {
            await ThroughputAsync(gateway, adder, settings, table, cancellationToken);
        }

        return table.Write() ? 0 : 1;
    }

    private static void KeepAll(Settings settings)
    {
        // This process's service and the gateway read it: nothing of what is on record goes for its number, and nothing is added to it.
        foreach (var (queue, share) in Retained.Shares)
        {
            var (completed, failed) = Retained.Split((int)(settings.Retained * share));
            Environment.SetEnvironmentVariable($"Queues__{queue}__KeepCompleted", completed.ToString(CultureInfo.InvariantCulture));
            Environment.SetEnvironmentVariable($"Queues__{queue}__KeepFailed", failed.ToString(CultureInfo.InvariantCulture));
        }

        Environment.SetEnvironmentVariable("BENCH_KEEP", Environment.GetEnvironmentVariable($"Queues__{BenchApp.Queue}__KeepCompleted"));
    }

    private static async Task OverviewAsync(GatewayProcess gateway, Settings settings, Table table, CancellationToken cancellationToken)
    {
        await using var dashboard = Dashboard.Open(gateway.Address, listQueue: null, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(settings.Seconds), cancellationToken);
        table.Add("Overview: from update to update, p50, ms", Quantile(dashboard.UpdateGaps, 0.5), "0");
        table.Add("Overview: from update to update, max, ms", Quantile(dashboard.UpdateGaps, 1), "0", atMost: 1000);
        table.Add("Overview: from event to event, max, ms", Quantile(dashboard.EventGaps, 1), "0", atMost: 1000);
    }

    private static async Task PagesAsync(GatewayProcess gateway, Table table, CancellationToken cancellationToken)
    {
        var queue = $"queue/{BenchApp.Queue}/jobs?limit=50&data=false";
        var deep = await gateway.DeepCursorAsync(BenchApp.Queue, pages: 20, cancellationToken);
        foreach (var (name, path) in new[]
        {
            ("first", queue),
            ("first of failed", $"{queue}&state=failed"),
            ("20,000 deep", $"{queue}&state=completed&cursor={Uri.EscapeDataString(deep)}"),
            ("by a frequent error", $"{queue}&state=failed&text=mailbox"),
            ("by an error of 1 in 1,000", $"{queue}&state=failed&text=diskette"),
            ("by an error of none", $"{queue}&text=no%20such%20text"),
        })
        {
            var times = new List<double>();
            for (var look = 0; look < Looks; look++)
            {
                times.Add(await gateway.TimeAsync(path, cancellationToken));
            }

            // The first looks warm it up; they count as well.
            table.Add($"Page {name}: p50, ms", Quantile(times, 0.5), "0.0");
            table.Add($"Page {name}: p99, ms", Quantile(times, 0.99), "0.0");
            table.Add($"Page {name}: max, ms", Quantile(times, 1), "0.0", atMost: 300);
        }
    }

    private static async Task ThroughputAsync(GatewayProcess gateway, BenchApp adder, Settings settings, Table table, CancellationToken cancellationToken)
    {
        List<double> without = [], with = [];
        await Backlog.WorkOffAsync(adder, settings.Backlog, cancellationToken); // Warm.
        for (var round = 0; round < settings.Rounds; round++)
        {
            // Who goes first alternates, so that what drifts harms both alike.
            if (round % 2 == 0)
            {
                without.Add(await Backlog.WorkOffAsync(adder, settings.Backlog, cancellationToken));
            }

            await using (Dashboard.Open(gateway.Address, BenchApp.Queue, cancellationToken))
            {
                with.Add(await Backlog.WorkOffAsync(adder, settings.Backlog, cancellationToken));
            }

            if (round % 2 == 1)
            {
                without.Add(await Backlog.WorkOffAsync(adder, settings.Backlog, cancellationToken));
            }

            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: {without[^1]:0} jobs/s without a dashboard, {with[^1]:0} with one"));
        }

        var (alone, watched) = (Quantile(without, 0.5), Quantile(with, 0.5));
        table.Add("Jobs a second without a dashboard, median", alone, "0");
        table.Add("Jobs a second with one open, median", watched, "0");
        table.Add("What the dashboard costs, %", (1 - (watched / alone)) * 100, "0.0", atMost: 5);
    }

    private static double Quantile(IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
