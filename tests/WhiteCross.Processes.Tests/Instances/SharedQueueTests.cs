using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using WhiteCross.Processes.Tests.WholeSystem;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;
using static WhiteCross.Processes.Tests.WholeSystem.Jobs;

namespace WhiteCross.Processes.Tests.Instances;

/// <summary>Two instances of one service, each with its sidecar, on one queue.</summary>
public sealed partial class SharedQueueTests : IAsyncLifetime
{
    private const string Queue = "message-indexing";
    private const int Count = 1_000;

    private RedisServer? _redis;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartLocalAsync();

    public async ValueTask DisposeAsync() => await _redis!.DisposeAsync();

    [Fact]
    public async Task Both_get_some_of_1000_jobs_and_each_job_is_run_once()
    {
        await using var system = await ProcessSystem.StartAsync(
            new ProcessSystemOptions { Redis = _redis!.EndPoint, Apps = ["queue-gateway", Queue], Environment = SystemOfProcesses.Development() }, Cancellation);
        using var gateway = system.ClientOf("queue-gateway");
        RunningApp[] instances = [system.App(Queue), await system.StartInstanceAsync(Queue, Cancellation)];

        // How many each gets is chance, and with a slow start one may get none of the first thousand.
        var added = 0;
        double[] shares;
        do
        {
            added += Count;
            await AddAsync(gateway);
            await EndedAsync(gateway, added);
            shares = await SharesAsync(instances, added);
        }
        while (shares.Contains(0) && added < 20 * Count);

        Assert.Equal(added, shares.Sum());
        Assert.All(shares, share => Assert.NotEqual(0, share));
    }

    internal static JsonObject IndexData() => new()
    {
        ["messageId"] = NewId(),
        ["operation"] = "index",
        ["content"] = "words",
        ["senderId"] = NewId(),
        ["conversationId"] = NewId(),
    };

    private static async Task AddAsync(HttpClient gateway)
    {
        var jobs = Enumerable.Range(0, Count).Select(_ => (JsonNode)Envelope("index-message", IndexData())).ToArray();
        using var answer = await gateway.PostAsJsonAsync($"/queue/{Queue}/jobs/bulk", new JsonObject { ["jobs"] = new JsonArray(jobs) }, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    /// <summary>How many jobs each instance has completed; an instance counts a job a moment after it is on record.</summary>
    private static async Task<double[]> SharesAsync(RunningApp[] instances, int added)
    {
        double[] shares = [];
        await Eventually.TrueAsync(async () =>
        {
            shares = await Task.WhenAll(instances.Select(CompletedByAsync));
            return shares.Sum() >= added;
        });
        return shares;
    }

    private static async Task EndedAsync(HttpClient gateway, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await GetAsync(gateway, $"/queue/{Queue}/metrics"))["completedTotal"]!.GetValue<long>() < count)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>What an instance says of itself to Prometheus.</summary>
    private static async Task<double> CompletedByAsync(RunningApp instance)
    {
        using var client = new HttpClient { BaseAddress = instance.Address };
        var metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation);
        return Attempts().Matches(metrics).Where(line => line.Value.Contains("\"completed\"", StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^whitecross_jobs_attempts\w*\{[^}]*\} ([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Attempts();
}
