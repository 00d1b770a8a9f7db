using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using WhiteCross.Sidecar;
using WhiteCross.Testing;

namespace WhiteCross.Conformance.Tests;

/// <summary>A running sidecar of whatever kind.</summary>
internal interface IRunningSidecar : IAsyncDisposable
{
    Uri Http { get; }

    Uri Grpc { get; }

    /// <summary>Ends it without a word, as a crash does.</summary>
    Task KillAsync();
}

/// <summary>The Dapr runtimes at hand: the local sidecar in memory, the same as an executable on Redis, and real daprd where there is one.</summary>
internal static class DaprRuntimes
{
    public const string Embedded = "local sidecar, embedded";
    public const string LocalOnRedis = "local sidecar, executable on Redis";
    public const string Daprd = "daprd on Redis";

    public static string? DaprdPath { get; } = FindDaprd();

    public static TheoryData<string> All => DaprdPath is null ? [Embedded, LocalOnRedis] : [Embedded, LocalOnRedis, Daprd];

    /// <summary>Those whose broker outlives a sidecar.</summary>
    public static TheoryData<string> OnRedis => DaprdPath is null ? [LocalOnRedis] : [LocalOnRedis, Daprd];

    public static Task<IRunningSidecar> StartAsync(string runtime, SidecarSetup setup, string redis, EmbeddedBroker broker) => runtime switch
    {
        Embedded => EmbeddedRuntime.StartAsync(setup, broker),
        LocalOnRedis => ProcessRuntime.StartAsync(setup, redis, "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "WhiteCross.Sidecar.dll")]),
        _ => ProcessRuntime.StartAsync(setup, redis, DaprdPath!, []),
    };

    private static string? FindDaprd()
    {
        if (Environment.GetEnvironmentVariable("DAPRD_PATH") is { Length: > 0 } path)
        {
            return File.Exists(path) ? path : throw new InvalidOperationException("DAPRD_PATH names a file that is not there.");
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .SelectMany(folder => new[] { Path.Combine(folder, "daprd"), Path.Combine(folder, "daprd.exe") })
            .FirstOrDefault(File.Exists);
    }

    private sealed class EmbeddedRuntime(SidecarHost host, DirectoryInfo folder) : IRunningSidecar
    {
        public Uri Http => host.HttpEndpoint;

        public Uri Grpc => host.GrpcEndpoint;

        public static async Task<IRunningSidecar> StartAsync(SidecarSetup setup, EmbeddedBroker broker)
        {
            var folder = Directory.CreateTempSubdirectory("conformance-");
            setup.Write(folder.FullName, "localhost:6379");
            var host = await SidecarHost.StartAsync(
                new SidecarOptions
                {
                    AppId = setup.AppId,
                    AppPort = setup.AppPort,
                    DaprHttpPort = 0,
                    DaprGrpcPort = 0,
                    ResourcesPaths = [folder.FullName],
                    ConfigFile = setup.ConfigFile,
                    AppMaxConcurrency = setup.MaxConcurrency,
                    DisableInitEndpoints = setup.DisableInitEndpoints is { } disabled ? [disabled] : [],
                    ApiToken = setup.ApiToken,
                    AppApiToken = setup.AppToken,
                    Broker = broker,
                    ConfigureLogging = logging => logging.ClearProviders(),
                },
                TestContext.Current.CancellationToken);
            return new EmbeddedRuntime(host, folder);
        }

        public Task KillAsync() => throw new InvalidOperationException("A sidecar in this process cannot crash alone.");

        public async ValueTask DisposeAsync()
        {
            await host.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    private sealed class ProcessRuntime(Process process, Uri http, Uri grpc, DirectoryInfo folder) : IRunningSidecar
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        public Uri Http => http;

        public Uri Grpc => grpc;

        public static async Task<IRunningSidecar> StartAsync(SidecarSetup setup, string redis, string file, IReadOnlyList<string> arguments)
        {
            var folder = Directory.CreateTempSubdirectory("conformance-");
            setup.Write(folder.FullName, redis);
            var (httpPort, grpcPort) = (FreePorts.Take(), FreePorts.Take());
            var start = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])
                [
                    .. arguments, "--app-id", setup.AppId, "--dapr-http-port", Text(httpPort), "--dapr-grpc-port", Text(grpcPort),
                    "--resources-path", folder.FullName, "--app-max-concurrency", Text(setup.MaxConcurrency), "--log-level", "error",
                    .. setup.AppPort is { } port ? ["--app-port", Text(port)] : Array.Empty<string>(),
                    .. setup.ConfigFile is { } config ? ["--config", config] : Array.Empty<string>(),
                    .. setup.DisableInitEndpoints is { } disabled ? ["--disable-init-endpoints", disabled] : Array.Empty<string>(),
                    "--metrics-port", Text(FreePorts.Take()), "--profile-port", Text(FreePorts.Take()), "--dapr-internal-grpc-port", Text(FreePorts.Take()),
                    // Nothing of a test listens to the network.
                    "--dapr-listen-addresses", "127.0.0.1", "--dapr-internal-grpc-listen-address", "127.0.0.1", "--enable-metrics=false",
                ])
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["DAPR_API_TOKEN"] = setup.ApiToken ?? string.Empty;
            start.Environment["APP_API_TOKEN"] = setup.AppToken ?? string.Empty;
            var process = Process.Start(start)!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var sidecar = new ProcessRuntime(process, new Uri($"http://localhost:{httpPort}"), new Uri($"http://localhost:{grpcPort}"), folder);
            using var client = new HttpClient { BaseAddress = sidecar.Http };
            await Waiting.UntilAsync(async () => !process.HasExited && await IsUpAsync(client), Patience, "the sidecar's outbound API");
            return sidecar;
        }

        public async Task KillAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited)
            {
                await KillAsync();
            }

            process.Dispose();
            folder.Delete(recursive: true);
        }

        private static async Task<bool> IsUpAsync(HttpClient client)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/v1.0/healthz/outbound", UriKind.Relative));
                return answer.StatusCode == HttpStatusCode.NoContent;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>Waits for a condition.</summary>
internal static class Waiting
{
    public static async Task UntilReadyAsync(IRunningSidecar sidecar)
    {
        using var client = new HttpClient { BaseAddress = sidecar.Http };
        await UntilAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative), TestContext.Current.CancellationToken);
                return answer.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(30),
            "a sidecar that is ready");
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan patience, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience);
        try
        {
            while (!await condition())
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {patience} for {what}.");
        }
    }
}
