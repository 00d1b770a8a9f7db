using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using WhiteCross.Bench.Queue;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Bench.Operate;

/// <summary>The gateway with its sidecar, each a process of its own.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly BenchSidecar _sidecar;
    private readonly HttpClient _client;

    private GatewayProcess(Process process, BenchSidecar sidecar, Uri address)
    {
        (_process, _sidecar, Address) = (process, sidecar, address);
        _client = new HttpClient { BaseAddress = address };
    }

    public Uri Address { get; }

    public static async Task<GatewayProcess> StartAsync(CancellationToken cancellationToken)
    {
        var (port, http, grpc) = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var sidecar = await BenchSidecar.StartAsync(isEmbedded: false, "queue-gateway", port, http, grpc);
        await sidecar.WaitAsync();
        var address = $"http://127.0.0.1:{Text(port)}";
        var start = new ProcessStartInfo("dotnet", ["exec", BuiltProjects.Find("services/Gateway", "WhiteCross.Gateway"), "--urls", address, "--Logging:LogLevel:Default=Warning"])
        {
            RedirectStandardOutput = true, // Standard output is for the results.
            Environment =
            {
                ["REDIS_HOST"] = BenchSettings.Host,
                ["REDIS_PORT"] = Text(BenchSettings.Port),
                ["REDIS_QUEUE_DB"] = "1",
                ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{Text(http)}",
                ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{Text(grpc)}",
            },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        var gateway = new GatewayProcess(process, sidecar, new Uri(address));
        await gateway.IsReadyAsync(cancellationToken);
        return gateway;
    }

    /// <summary>How long an answer takes until its last byte, in milliseconds.</summary>
    public async Task<double> TimeAsync(string path, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        answer.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }

    /// <summary>The cursor after so many pages of 1000 completed jobs.</summary>
    public async Task<string> DeepCursorAsync(string queue, int pages, CancellationToken cancellationToken)
    {
        var cursor = string.Empty;
        for (var page = 0; page < pages; page++)
        {
            var place = cursor.Length == 0 ? string.Empty : $"&cursor={Uri.EscapeDataString(cursor)}";
            var jobs = await _client.GetFromJsonAsync<JsonNode>(new Uri($"queue/{queue}/jobs?state=completed&limit=1000&data=false{place}", UriKind.Relative), cancellationToken);
            cursor = (string)jobs!["nextCursor"]!;
        }

        return cursor;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _sidecar.DisposeAsync();
    }

    private async Task IsReadyAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                using var answer = await _client.GetAsync(new Uri("queue/metrics", UriKind.Relative), cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // Not yet.
            }
        }
    }

    // Built along with this project, so in the same place below its own: bin/<configuration>/<framework>.
    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
