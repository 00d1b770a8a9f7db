using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.BatchMessageSending;
using WhiteCross.Gateway;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;
using WhiteCross.MessageCleanup;
using WhiteCross.MessageDelivery;
using WhiteCross.MessageEncryption;
using WhiteCross.MessageIndexing;
using WhiteCross.MessageNotification;
using WhiteCross.Settings;
using WhiteCross.Sidecar;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Local;

/// <summary>
/// All services and their sidecars in this process, on the same component files as on real Dapr. In memory, the sidecars share one broker and the
/// services one job store; on Redis they meet there only.
/// </summary>
public sealed class LocalSystem : IAsyncDisposable
{
    private const int MostTries = 5;

    private delegate WebApplication CreateApp(string[] args, Action<WebApplicationBuilder>? configure);

    // The order of their ports.
    private static readonly (string AppId, CreateApp Create)[] Services =
    [
        ("queue-gateway", GatewayApp.Create),
        (JobQueues.MessageDelivery, MessageDeliveryApp.Create),
        (JobQueues.MessageNotification, MessageNotificationApp.Create),
        (JobQueues.MessageIndexing, MessageIndexingApp.Create),
        (JobQueues.MessageEncryption, MessageEncryptionApp.Create),
        (JobQueues.BatchMessageSending, BatchMessageSendingApp.Create),
        (JobQueues.MessageCleanup, MessageCleanupApp.Create),
    ];

    // As in dapr.yaml: `dapr init` has placement on 50005 and the scheduler on 50006.
    private static readonly int[] GrpcOffsets = [0, 1, 2, 3, 6, 7, 8];

    private readonly List<WebApplication> _apps = [];
    private readonly List<SidecarHost> _sidecars = [];

    // Made anew at each start: nothing but a service's own sidecar gets to what it keeps for it, and nobody has to keep a secret.
    private readonly Dictionary<string, string> _tokens = [];
    private ServiceProvider? _shared;
    private DataFolder? _data;

    private LocalSystem(Uri gateway, Uri sidecar)
    {
        GatewayAddress = gateway;
        SidecarAddress = sidecar;
    }

    /// <summary>Where the gateway listens.</summary>
    public Uri GatewayAddress { get; }

    /// <summary>Where the gateway's sidecar listens for HTTP.</summary>
    public Uri SidecarAddress { get; }

    /// <summary>The token by which a service knows its sidecar: <c>APP_API_TOKEN</c>, random where the settings name none.</summary>
    /// <param name="appId">The service's Dapr app id.</param>
    public string AppTokenOf(string appId) => _tokens[appId];

    /// <summary>Starts everything; when it returns, jobs are taken and run.</summary>
    /// <param name="options">On what, and where.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="LocalStartException">It cannot start.</exception>
    public static async Task<LocalSystem> StartAsync(LocalOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        for (var tries = 1; ; tries++)
        {
            var ports = ChoosePorts(options);
            var system = new LocalSystem(LocalAddress(ports[0].App), LocalAddress(ports[0].SidecarHttp));
            try
            {
                await system.StartAsync(options, ports, cancellationToken);
                return system;
            }
            catch (IOException exception) when (exception.InnerException is AddressInUseException && options.Port == 0 && tries < MostTries)
            {
                // Somebody took a port between our finding it free and our listening on it.
                await system.DisposeAsync();
            }
            catch (IOException exception) when (exception.InnerException is AddressInUseException)
            {
                // Also a port that nobody listens on may be taken: by a connection that somebody has opened.
                await system.DisposeAsync();
                throw new LocalStartException($"{exception.Message.TrimEnd('.')}. Start it again, or choose other ports with --port, --sidecar-http-port and --sidecar-grpc-port.", exception);
            }
            catch (Exception exception) when (SettingsProblems.In(exception) is { Count: > 0 } problems)
            {
                await system.DisposeAsync();
                throw new LocalStartException(string.Join(Environment.NewLine, problems), exception);
            }
            catch (ResourceException exception)
            {
                await system.DisposeAsync();
                throw new LocalStartException(exception.Message, exception);
            }
            catch
            {
                await system.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Completes when the process has been asked to stop (Ctrl-C, SIGTERM).</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => Task.WhenAny(_apps.Select(app => WaitAsync(app, cancellationToken)));

    /// <summary>Stops as `dapr run` does: the services first, which give back what they have in hand, then their sidecars.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_apps.Where(app => app.Lifetime.ApplicationStarted.IsCancellationRequested).Select(app => app.StopAsync())); // One that has not started cannot be stopped.
        await Task.WhenAll(_sidecars.Select(sidecar => sidecar.DisposeAsync().AsTask()));
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }

        if (_shared is not null)
        {
            await _shared.DisposeAsync();
        }

        _data?.Dispose();
    }

    private static async Task WaitAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = app.Lifetime.ApplicationStopping.Register(() => stopping.TrySetResult());
        await stopping.Task.WaitAsync(cancellationToken);
    }

    private static Uri LocalAddress(int port) => new($"http://localhost:{port}");

    private static (int App, int SidecarHttp, int SidecarGrpc)[] ChoosePorts(LocalOptions options)
    {
        var count = Services.Length;
        Ports.Check(options, count, GrpcOffsets[^1] + 1);
        var free = Ports.Free(3 * count);
        var ports = Enumerable.Range(0, count).Select(i => (
            App: options.Port == 0 ? free[i] : options.Port + i,
            SidecarHttp: options.SidecarHttpPort == 0 ? free[count + i] : options.SidecarHttpPort + i,
            SidecarGrpc: options.SidecarGrpcPort == 0 ? free[(2 * count) + i] : options.SidecarGrpcPort + GrpcOffsets[i])).ToArray();
        var busy = Ports.Busy(ports.SelectMany(port => new[] { port.App, port.SidecarHttp, port.SidecarGrpc }));
        return busy.Count == 0
            ? ports
            : throw new LocalStartException(
                $"{(busy.Count == 1 ? "Port" : "Ports")} {string.Join(", ", busy)} {(busy.Count == 1 ? "is" : "are")} in use. Stop what listens there (another run of this?), or choose others with --port, --sidecar-http-port and --sidecar-grpc-port.");
    }

    private static string FindComponents(string? directory)
    {
        if (directory is not null)
        {
            return Directory.Exists(directory) ? directory : throw new LocalStartException($"The components directory '{directory}' does not exist.");
        }

        for (var folder = new DirectoryInfo(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "components");
            if (File.Exists(Path.Combine(candidate, "jobs.yaml")))
            {
                return candidate;
            }
        }

        throw new LocalStartException("There is no folder 'components' with jobs.yaml here or above; run this in the repository, or name the folder with --components.");
    }

    // An app settles on its environment before anything else can change it: only its arguments come early enough.
    // This is a developer's machine unless somebody says otherwise. An ASP.NET Core host by itself is in production, where a channel without a provider is an
    // alert: here nobody has one, and a system that has just been started would ask for attention.
    private static string[] EnvironmentOf(LocalOptions options) =>
        options.Environment is { } environment ? [$"--{HostDefaults.EnvironmentKey}={environment}"]
        : Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") is { Length: > 0 } || Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is { Length: > 0 } ? []
        : [$"--{HostDefaults.EnvironmentKey}={Environments.Development}"];

    // What one service's telemetry sees in this process is what all of them do: only the gateway's is exported, for the whole.
    private static string[] TelemetryOf(string appId, LocalOptions options)
    {
        string[] exporters = ["OTEL_EXPORTER_ZIPKIN_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
        return appId == GatewayApp.AppId
            ? [.. exporters.Where(options.Settings.ContainsKey).Select(setting => $"--{setting}={options.Settings[setting]}"), "--OTEL_SERVICE_NAME=whitecross-local"]
            : [.. exporters.Select(setting => $"--{setting}=")];
    }

    private static async Task EnsureRedisAsync(string redis)
    {
        var colon = redis.LastIndexOf(':');
        if (colon == 0 || (colon > 0 && (!int.TryParse(redis[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is 0 or > 65_535)))
        {
            throw new LocalStartException($"--redis is '{redis}'; it must be host:port, for example localhost:6379.");
        }

        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { redis }, ConnectTimeout = 3_000, ConnectRetry = 0 });
        }
        catch (RedisConnectionException exception)
        {
            throw new LocalStartException($"There is no Redis at {redis}. Start one (redis-server), name another with --redis host:port, or leave --redis out to run in memory.", exception);
        }
    }

    private async Task StartAsync(LocalOptions options, (int App, int SidecarHttp, int SidecarGrpc)[] ports, CancellationToken cancellationToken)
    {
        var components = FindComponents(options.ComponentsDirectory);
        _data = DataFolder.Take(options.DataDirectory, GatewayAddress);
        var settings = new Dictionary<string, string?>(options.Settings);
        settings.TryAdd(DevelopmentKeys.OfMessages, DevelopmentKeys.Ensure(DevelopmentKeys.OfMessages, options.DataDirectory, "development-keys.json"));
        settings.TryAdd(DevelopmentKeys.OfJobs, DevelopmentKeys.Ensure(DevelopmentKeys.OfJobs, options.DataDirectory, "development-job-keys.json"));
        EmbeddedBroker? broker = null;
        IJobStore? store = null;
        if (options.Redis is { } redis)
        {
            await EnsureRedisAsync(redis);
            var colon = redis.LastIndexOf(':');
            settings["REDIS_HOST"] = colon < 0 ? redis : redis[..colon];
            settings["REDIS_PORT"] = colon < 0 ? "6379" : redis[(colon + 1)..];
            settings.TryAdd("REDIS_TLS", Environment.GetEnvironmentVariable("REDIS_TLS") ?? "false");
            settings["REDIS_QUEUE_DB"] = "1";
        }
        else
        {
            // The component files name a Redis that is not asked for anything.
            settings["REDIS_HOST"] = "localhost";
            settings["REDIS_PORT"] = "6379";
            settings["REDIS_TLS"] = "false";
            broker = new EmbeddedBroker(TimeProvider.System);
            var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddUnderscoredNames(JobQueues.All.Select(queue => queue.Name));
            _shared = new ServiceCollection()
                .AddSingleton<IConfiguration>(configuration.AddInMemoryCollection(settings).Build())
                .AddQueueOptions()
                .AddLogging()
                .AddJobSealing()
                .BuildServiceProvider();
            store = _shared.GetRequiredService<JobSealing>().Seal(new InMemoryJobStore(_shared.GetRequiredService<IOptionsMonitor<QueueOptions>>().Get));
        }

        settings["DataDirectory"] = options.DataDirectory;
        for (var i = 1; i < Services.Length; i++)
        {
            settings[$"Services:{Services[i].AppId}"] = LocalAddress(ports[i].App).ToString(); // For the gateway's proxy.
        }

        HashSet<string> problems = [];
        for (var i = 0; i < Services.Length; i++)
        {
            var (appId, create) = Services[i];
            var port = ports[i];
            var token = settings.GetValueOrDefault("APP_API_TOKEN") ?? Environment.GetEnvironmentVariable("APP_API_TOKEN") ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
            _tokens[appId] = token;
            AddApp(() => create(
                [.. EnvironmentOf(options), .. TelemetryOf(appId, options)],
                builder =>
                {
                    builder.WebHost.UseUrls(LocalAddress(port.App).ToString());
                    builder.Configuration.AddInMemoryCollection(settings);
                    builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
                    builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                    {
                        ["APP_API_TOKEN"] = token,
                        ["DAPR_HTTP_ENDPOINT"] = LocalAddress(port.SidecarHttp).ToString(),
                        ["DAPR_GRPC_ENDPOINT"] = LocalAddress(port.SidecarGrpc).ToString(),
                    });
                    options.ConfigureService?.Invoke(appId, builder);
                    if (store is not null && broker is not null)
                    {
                        builder.UseJobsInMemory(store, new EmbeddedLaneInspector(broker, TimeProvider.System));
                    }
                }));
        }

        if (problems.Count > 0)
        {
            throw new LocalStartException(string.Join(Environment.NewLine, problems));
        }

        // The sidecars first, as Dapr has it: a service that connects to a port on which nobody listens yet may be given that very port as its own end of the
        // connection, and the sidecar would find it taken.
        var addresses = Services.Select((service, i) => (service.AppId, Address: LocalAddress(ports[i].SidecarHttp))).ToDictionary(known => known.AppId, known => known.Address);
        _sidecars.AddRange(await Task.WhenAll(Services.Select((service, i) => SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = service.AppId,
                AppPort = ports[i].App,
                DaprHttpPort = ports[i].SidecarHttp,
                DaprGrpcPort = ports[i].SidecarGrpc,
                ResourcesPaths = [components],
                ConfigFile = Path.Combine(components, "config.yaml"),
                Broker = broker,
                AppApiToken = _tokens[service.AppId],
                Environment = new ResourceEnvironment { Variable = name => settings.GetValueOrDefault(name) ?? Environment.GetEnvironmentVariable(name) },
                KnownApps = addresses,
                ExportsTraces = false, // The gateway's telemetry sees them in this process.
            },
            cancellationToken))));
        await Task.WhenAll(_apps.Select(app => app.StartAsync(cancellationToken)));
        await Task.WhenAll(_sidecars.Select(sidecar => sidecar.Ready)).WaitAsync(cancellationToken);

        // What is wrong with a service's settings is told together with what is wrong with the others'.
        void AddApp(Func<WebApplication> create)
        {
            try
            {
                _apps.Add(create());
            }
            catch (Exception exception) when (SettingsProblems.In(exception) is { Count: > 0 } found)
            {
                problems.UnionWith(found);
            }
        }
    }
}
