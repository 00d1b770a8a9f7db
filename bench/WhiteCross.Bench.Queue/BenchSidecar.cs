using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using WhiteCross.Sidecar;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Bench.Queue;

/// <summary>A sidecar: in this process, a process of its own, or daprd where <c>DAPRD_PATH</c> names it.</summary>
internal sealed class BenchSidecar : IAsyncDisposable
{
    private readonly SidecarHost? _host;
    private readonly Process? _process;
    private readonly int _httpPort;

    private BenchSidecar(SidecarHost? host, Process? process, int httpPort) => (_host, _process, _httpPort) = (host, process, httpPort);

    /// <summary>The processor time it has used in a process of its own.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process?.Refresh();
            return _process?.TotalProcessorTime ?? TimeSpan.Zero;
        }
    }

    public static async Task<BenchSidecar> StartAsync(bool isEmbedded, string appId, int? appPort, int httpPort, int grpcPort)
    {
        var environment = new Dictionary<string, string?> { ["REDIS_HOST"] = BenchSettings.Host, ["REDIS_PORT"] = Text(BenchSettings.Port), ["REDIS_TLS"] = "false", ["SECRET_MESSAGE_KEYS"] = "{}" };
        var components = BenchSettings.Delivered > 0 ? ComponentsForBulks() : Path.Combine(BuiltProjects.Repository, "components");
        if (isEmbedded)
        {
            return new BenchSidecar(
                await SidecarHost.StartAsync(
                    new SidecarOptions
                    {
                        AppId = appId,
                        AppPort = appPort,
                        DaprHttpPort = httpPort,
                        DaprGrpcPort = grpcPort,
                        ResourcesPaths = [components],
                        Environment = new ResourceEnvironment { Variable = environment.GetValueOrDefault },
                        ConfigureLogging = logging => logging.ClearProviders(),
                        ExportsTraces = false,
                    },
                    CancellationToken.None),
                process: null,
                httpPort);
        }

        string[] command = Environment.GetEnvironmentVariable("DAPRD_PATH") is { Length: > 0 } daprd
            ? [daprd, "--metrics-port", Text(FreePorts.Take()), "--profile-port", Text(FreePorts.Take()), "--dapr-internal-grpc-port", Text(FreePorts.Take())]
            : ["dotnet", "exec", typeof(SidecarHost).Assembly.Location];
        var start = new ProcessStartInfo(command[0], command.Skip(1).Concat(
            ["--app-id", appId, "--dapr-http-port", Text(httpPort), "--dapr-grpc-port", Text(grpcPort), "--resources-path", components, "--log-level", "error"]))
        {
            RedirectStandardOutput = true,
        };
        if (appPort is { } port)
        {
            start.ArgumentList.Add("--app-port");
            start.ArgumentList.Add(Text(port));
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        // A new process for every run: what is compiled ahead serves it better than what it would compile while it is measured.
        start.Environment["DOTNET_ReadyToRun"] = "1";
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        return new BenchSidecar(host: null, process, httpPort);
    }

    /// <summary>Waits until its API serves; not for its app.</summary>
    public async Task WaitAsync()
    {
        using var client = new HttpClient();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        do
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_httpPort}/v1.0/healthz/outbound")));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (_process is not { HasExited: true })
            {
                // Not yet.
            }
        }
        while (await timer.WaitForNextTickAsync());
    }

    /// <summary>Halts its process, where it has one: it keeps what it has, and does nothing until <see cref="ContinueAsync"/>.</summary>
    public Task HaltAsync() => SignalAsync("STOP");

    /// <summary>Lets its process go on.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }

    private async Task SignalAsync(string signal)
    {
        if (_process is null)
        {
            return;
        }

        using var kill = Process.Start("kill", [$"-{signal}", Text(_process.Id)]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"The sidecar's process takes no {signal}.");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>components/ with lanes that have enough events in hand for the next bulk to gather while one runs.</summary>
    private static string ComponentsForBulks()
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "components")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(BuiltProjects.Repository, "components"), "*.yaml"))
        {
            var text = File.ReadAllText(file);
            if (Path.GetFileName(file).StartsWith("jobs", StringComparison.Ordinal))
            {
                text = With(With(text, "concurrency", 2 * BenchSettings.Delivered), "queueDepth", 2 * BenchSettings.Delivered);
            }

            File.WriteAllText(Path.Combine(folder, Path.GetFileName(file)), text);
        }

        return folder;

        static string With(string text, string name, int value)
        {
            var setting = new Regex($"(- name: {name}\\s+value: )\"\\d+\"", RegexOptions.None, TimeSpan.FromSeconds(1));
            return setting.IsMatch(text) ? setting.Replace(text, $"$1\"{Text(value)}\"") : throw new InvalidOperationException($"A lane has no {name}.");
        }
    }

}
