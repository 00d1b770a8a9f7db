using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;
using Testcontainers.Redis;
using Xunit;

namespace WhiteCross.Testing;

/// <summary>
/// A Redis for tests, shared by all tests of an assembly (<c>[assembly: AssemblyFixture(typeof(RedisServer))]</c>). Tests keep apart by
/// <see cref="NewName"/> (queues, key prefixes) or <see cref="NewDatabase"/>. It is, in this order: the one at <c>TEST_REDIS=host:port</c>;
/// <c>redis-server</c> from the PATH, on a free port, with a folder of its own and nothing saved; a container where Docker runs. Fault tests start
/// a server of their own with <see cref="StartLocalAsync"/>, which they can kill, restart and pause.
/// </summary>
public sealed class RedisServer : IAsyncLifetime
{
    private const string HowToGetOne =
        "Tests need a Redis: install redis-server (for example `apt install redis-server`), or start Docker, or set TEST_REDIS=host:port.";

    /// <summary>The environment variable that names a server for all tests.</summary>
    public const string Variable = "TEST_REDIS";

    // Tests that name a database by a number take one below this.
    private const int FirstNewDatabase = 16;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static int _names;

    private readonly bool _appendOnly;
    private readonly bool _isCluster;
    private string _host = "127.0.0.1";
    private int _databaseCount = 16;
    private ConnectionMultiplexer? _databases;
    private string? _folder;
    private Process? _process;
    private Watchdog? _watchdog;
    private RedisContainer? _container;

    /// <summary>Creates the shared server; the runner starts it.</summary>
    public RedisServer()
        : this(appendOnly: false, isCluster: false)
    {
    }

    private RedisServer(bool appendOnly, bool isCluster)
    {
        _appendOnly = appendOnly;
        _isCluster = isCluster;
    }

    /// <summary>The server's host.</summary>
    public string Host => _host;

    /// <summary>The server's port.</summary>
    public int Port { get; private set; }

    /// <summary><c>host:port</c>.</summary>
    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Starts a server of the test's own, from the PATH; dispose of it.</summary>
    /// <param name="appendOnly">Whether it writes every command to its append-only file, so that a restart keeps the data.</param>
    /// <param name="isCluster">Whether it is a cluster, of this one node; it then has only database 0.</param>
    public static async Task<RedisServer> StartLocalAsync(bool appendOnly = false, bool isCluster = false)
    {
        var server = new RedisServer(appendOnly, isCluster);
        if (FindOnPath() is not { } executable)
        {
            throw new InvalidOperationException("This test kills and restarts its own Redis: install redis-server (for example `apt install redis-server`).");
        }

        await server.StartProcessAsync(executable);
        if (isCluster)
        {
            await using var connection = await server.ConnectAsync();
            await connection.GetServer(server.Host, server.Port).ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        }

        return server;
    }

    /// <summary>A name that no other test uses: for a queue, a topic, a key prefix.</summary>
    /// <param name="prefix">What it begins with.</param>
    public static string NewName(string prefix) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Environment.ProcessId:x}-{Interlocked.Increment(ref _names)}");

    /// <summary>
    /// A database that no other test of this server has been given, of no other process either. A server of somebody's own may have few databases: after
    /// the last one it begins anew, so use <see cref="NewName"/> too.
    /// </summary>
    public int NewDatabase()
    {
        var first = _databaseCount > 2 * FirstNewDatabase ? FirstNewDatabase : 1;
        var number = (_databases ?? throw new InvalidOperationException("The server has not started.")).GetDatabase().StringIncrement("whitecross-tests:databases");
        return first + (int)((number - 1) % (_databaseCount - first));
    }

    /// <summary>A connection of the test's own; dispose of it.</summary>
    /// <param name="configure">What to change of its options.</param>
    public async Task<ConnectionMultiplexer> ConnectAsync(Action<ConfigurationOptions>? configure = null)
    {
        var options = new ConfigurationOptions { EndPoints = { { Host, Port } }, AbortOnConnectFail = false, AllowAdmin = true };
        configure?.Invoke(options);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } address)
        {
            var parts = address.Split(':');
            _host = parts[0];
            Port = parts.Length == 1 ? 6379
                : parts.Length == 2 && ushort.TryParse(parts[1], CultureInfo.InvariantCulture, out var port) ? port
                : throw new InvalidOperationException("TEST_REDIS must be host:port, for example localhost:6379.");
            await WaitUntilItAnswersAsync();
        }
        else if (FindOnPath() is { } executable)
        {
            await StartProcessAsync(executable);
        }
        else
        {
            await StartContainerAsync();
        }

        _databases = await ConnectAsync();
        _databaseCount = _databases.GetServer(Host, Port).DatabaseCount is > 1 and var count ? count : 16; // 16, Redis' default, where it may not be asked.
    }

    /// <summary>Where a server of the test's own keeps its files.</summary>
    public string Folder => _folder ?? throw new InvalidOperationException("This Redis is not the test's own.");

    /// <summary>Ends the server at once, as a power cut would.</summary>
    public async Task KillAsync()
    {
        var process = Own();
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Starts the server again on the same port and folder, after ending it if it still runs.</summary>
    public async Task RestartAsync()
    {
        if (!Own().HasExited)
        {
            await KillAsync();
        }

        _process!.Dispose();
        _watchdog?.Dispose();
        _process = Launch(FindOnPath()!);
        await WaitUntilItAnswersAsync();
    }

    /// <summary>Makes the server hang: connections stay open, nothing answers.</summary>
    public void Pause() => Signal("-STOP");

    /// <summary>Lets a paused server go on.</summary>
    public void Continue() => Signal("-CONT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_databases is { } databases)
        {
            await databases.DisposeAsync();
        }

        _watchdog?.Dispose();
        if (_process is { } process)
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
            Directory.Delete(_folder!, recursive: true);
        }

        if (_container is { } container)
        {
            await container.DisposeAsync();
        }
    }

    private static string? FindOnPath()
    {
        var name = OperatingSystem.IsWindows() ? "redis-server.exe" : "redis-server";
        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }

    private Process Own() =>
        _process ?? throw new InvalidOperationException("This Redis is not the test's own: use RedisServer.StartLocalAsync for tests that break it.");

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, Own().Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task StartProcessAsync(string executable)
    {
        _folder = Directory.CreateTempSubdirectory("redis-test-").FullName;
        for (var attempt = 1; ; attempt++)
        {
            // Somebody may take the port between the look and the start: then another one does.
            Port = FreePorts.Take();
            _process = Launch(executable);
            try
            {
                await WaitUntilItAnswersAsync();
                return;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                _process.Dispose();
                _watchdog?.Dispose();
            }
        }
    }

    private Process Launch(string executable)
    {
        var start = new ProcessStartInfo(executable)
        {
            ArgumentList =
            {
                "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder!, "--save", string.Empty,
                "--appendonly", _appendOnly ? "yes" : "no", "--appendfsync", "always",
                "--cluster-enabled", _isCluster ? "yes" : "no", "--databases", "1024", "--logfile", Path.Combine(_folder!, "redis.log"),
            },
            UseShellExecute = false,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"Could not start {executable}.");
        _watchdog = new Watchdog(process);
        return process;
    }

    private async Task StartContainerAsync()
    {
        try
        {
            _container = new RedisBuilder("redis:7-alpine").Build();
            await _container.StartAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(HowToGetOne, exception);
        }

        _host = _container.Hostname;
        Port = _container.GetMappedPublicPort(RedisBuilder.RedisPort);
        await WaitUntilItAnswersAsync();
    }

    private async Task WaitUntilItAnswersAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (!await AnswersAsync(timeout.Token))
            {
                if (_process is { HasExited: true })
                {
                    throw new InvalidOperationException($"redis-server ended at once (exit code {_process.ExitCode}); see {_folder}/redis.log.");
                }

                await timer.WaitForNextTickAsync(timeout.Token);
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"Redis at {EndPoint} does not answer a PING within {StartTimeout.TotalSeconds} s. {HowToGetOne}", exception);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Host, Port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            var answer = new byte[64];
            var length = await stream.ReadAsync(answer, cancellationToken);

            // A server that still reads its append-only file answers -LOADING; one with a password -NOAUTH, and is up.
            var text = Encoding.ASCII.GetString(answer, 0, length);
            return text.StartsWith("+PONG", StringComparison.Ordinal) || text.StartsWith("-NOAUTH", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
