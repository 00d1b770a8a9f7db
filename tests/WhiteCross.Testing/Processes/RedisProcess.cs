using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace WhiteCross.Testing.Processes;

/// <summary>A redis-server with settings of the test's own: with TLS, users, as a node of a cluster, as a replica, or as a Sentinel.</summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _process;

    private RedisProcess(int port, string configuration)
    {
        Port = port;
        _folder = Directory.CreateTempSubdirectory("redis-test-");
        var file = Path.Combine(_folder.FullName, "redis.conf");
        File.WriteAllText(file, configuration);
        string[] command = ["redis-server", file, "--dir", _folder.FullName, "--bind", "127.0.0.1"];
        if (configuration.Contains("sentinel monitor", StringComparison.Ordinal))
        {
            command = [.. command, "--sentinel"];
        }

        _process = new ChildProcess(new ChildProcessStart($"redis-server on {Text(port)}", command, new Dictionary<string, string?>(), Path.Combine(_folder.FullName, "redis.log")));
    }

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary><c>127.0.0.1:port</c>.</summary>
    public string EndPoint => $"127.0.0.1:{Text(Port)}";

    /// <summary>Its output.</summary>
    public string LogFile => _process.LogFile;

    /// <summary>Starts one; dispose of it. When this returns it answers.</summary>
    /// <param name="configuration">What stands in its configuration file, by its port.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="options">How to connect to it; null: without TLS and password.</param>
    public static async Task<RedisProcess> StartAsync(Func<int, string> configuration, CancellationToken cancellationToken, ConfigurationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var port = FreePorts.Take();
        var server = new RedisProcess(port, configuration(port));
        try
        {
            server._process.Start();
            await server.WaitUntilItAnswersAsync(options ?? new ConfigurationOptions(), cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection to this server alone, also where it is one of several; dispose of it.</summary>
    /// <param name="options">How to connect to it; null: without TLS and password.</param>
    public Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions? options = null)
    {
        var own = (options ?? new ConfigurationOptions()).Clone();
        own.EndPoints.Add(IPAddress.Loopback, Port);
        own.AllowAdmin = true;
        return ConnectionMultiplexer.ConnectAsync(own);
    }

    /// <summary>Has this very server run a command, also where it is one of several.</summary>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    public async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        await using var connection = await ConnectAsync();
        return await connection.GetServer(IPAddress.Loopback, Port).ExecuteAsync(command, arguments);
    }

    /// <summary>Ends it at once.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private async Task WaitUntilItAnswersAsync(ConfigurationOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                await using var connection = await ConnectAsync(options);
                return;
            }
            catch (RedisConnectionException exception)
            {
                if (!_process.IsRunning || limit.IsCancellationRequested)
                {
                    throw new InvalidOperationException($"{_process.Name} does not answer:\n{_process.LastOutput()}", exception);
                }

                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }
}
