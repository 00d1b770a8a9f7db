using System.Globalization;

namespace WhiteCross.Testing.Processes;

/// <summary>
/// Placement and scheduler, which daprd needs for workflows: those at <c>DAPR_PLACEMENT</c> and <c>DAPR_SCHEDULER</c> (<c>host:port</c>), else the
/// executables beside daprd or on the PATH, started on free ports. The local sidecar takes their addresses and needs neither.
/// </summary>
public sealed class ControlPlane : IAsyncDisposable
{
    private readonly List<ChildProcess> _processes = [];

    private ControlPlane()
    {
    }

    /// <summary>Placement's address, <c>host:port</c>.</summary>
    public string Placement { get; private set; } = "localhost:50005";

    /// <summary>The scheduler's address, <c>host:port</c>.</summary>
    public string Scheduler { get; private set; } = "localhost:50006";

    /// <summary>The flags of daprd that name both.</summary>
    public IReadOnlyList<string> Flags => ["--placement-host-address", Placement, "--scheduler-host-address", Scheduler];

    /// <summary>Finds both, or starts them.</summary>
    /// <param name="folder">Where what is started keeps data and logs.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="InvalidOperationException">There is neither an address nor an executable of one.</exception>
    public static async Task<ControlPlane> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var plane = new ControlPlane();
        if (SidecarExecutable.Daprd is not { } daprd)
        {
            return plane;
        }

        try
        {
            plane.Placement = Given("DAPR_PLACEMENT") ?? await plane.StartAsync("placement", daprd, folder, Peers, cancellationToken);
            plane.Scheduler = Given("DAPR_SCHEDULER") ?? await plane.StartAsync("scheduler", daprd, folder, EtcdIn(folder), cancellationToken);
            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
    }

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } address ? address : null;

    private static string FreePort() => FreePorts.Take().ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Peers(string address) => ["--initial-cluster", $"dapr-placement-0=127.0.0.1:{FreePort()}"];

    private static Func<string, IEnumerable<string>> EtcdIn(string folder) => address =>
    [
        "--etcd-data-dir", Path.Combine(folder, "scheduler"), "--etcd-client-port", FreePort(), "--etcd-initial-cluster", $"dapr-scheduler-server-0=http://127.0.0.1:{FreePort()}",
        "--override-broadcast-host-port", address,
    ];

    private static string Find(string name, string daprd)
    {
        string?[] folders = [Path.GetDirectoryName(daprd), .. (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)];
        return folders.Select(folder => Path.Combine(folder ?? string.Empty, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"{name} is neither beside daprd nor on the PATH, and DAPR_{name.ToUpperInvariant()} (host:port) is not set. `dapr init --slim` installs it; with `dapr init` in Docker, set DAPR_PLACEMENT=localhost:50005 and DAPR_SCHEDULER=localhost:50006.");
    }

    private async Task<string> StartAsync(string name, string daprd, string folder, Func<string, IEnumerable<string>> more, CancellationToken cancellationToken)
    {
        var (port, health) = (FreePort(), FreePort());
        var address = $"127.0.0.1:{port}";
        var process = new ChildProcess(new ChildProcessStart(
            name,
            [Find(name, daprd), "--listen-address", "127.0.0.1", "--port", port, "--healthz-listen-address", "127.0.0.1", "--healthz-port", health, "--metrics-port", FreePort(), .. more(address)],
            new Dictionary<string, string?>(),
            Path.Combine(folder, $"{name}.log"),
            folder));
        _processes.Add(process);
        process.Start();
        using var client = new HttpClient();
        await process.WaitUntilUpAsync(client, new Uri($"http://127.0.0.1:{health}/healthz"), TimeSpan.FromSeconds(30), cancellationToken);
        return address;
    }
}
