using System.Globalization;

namespace WhiteCross.Bench.Queue;

/// <summary>What the peers' benchmark asks of a contestant, by environment.</summary>
internal static class BenchSettings
{
    public static string Host { get; } = Environment.GetEnvironmentVariable("BENCH_REDIS_HOST") is { Length: > 0 } host ? host : "127.0.0.1";

    public static int Port { get; } = Number("BENCH_REDIS_PORT", 6392);

    public static int Jobs { get; } = Number("BENCH_N", 20_000);

    public static int WarmUp { get; } = Number("BENCH_WARMUP", 2000);

    public static int Adders { get; } = Number("BENCH_ADDERS", 50);

    public static int Bulk { get; } = Number("BENCH_BATCH", 100);

    public static int Concurrency { get; } = Number("BENCH_CONCURRENCY", 10);

    public static int Rate { get; } = Number("BENCH_RATE", 300);

    public static int RateSeconds { get; } = Number("BENCH_RATE_SECONDS", 20);

    public static int Keep { get; } = Number("BENCH_KEEP", 1000);

    /// <summary>Events that a sidecar gathers for one delivery; 0, as in production: it delivers them singly.</summary>
    public static int Delivered { get; } = Number("BENCH_DELIVERED", 0);

    /// <summary>Whether the services tell on standard error what they warn of: to find out what a run waited for.</summary>
    public static bool Warnings { get; } = Environment.GetEnvironmentVariable("BENCH_WARNINGS") is { Length: > 0 };

    /// <summary>Jobs a second of the scenario <c>memory</c>: about half of what two cores can do.</summary>
    public static int SteadyRate { get; } = Number("BENCH_STEADY_RATE", 1500);

    /// <summary>How long the scenario <c>memory</c> takes.</summary>
    public static int Minutes { get; } = Number("BENCH_MINUTES", 10);

    private static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
