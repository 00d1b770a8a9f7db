using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WhiteCross.Local;
using WhiteCross.Testing;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>
/// The whole system on free ports, with databases of its own, and a Redis of its own where it is on one: services of another system on the same Redis would
/// take its jobs.
/// </summary>
public abstract class SystemFixture(bool onRedis) : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");
    private RedisServer? _redis;
    private LocalSystem? _system;

    public LocalSystem System => _system ?? throw new InvalidOperationException("The system has not started.");

    public static LocalOptions OptionsFor(DirectoryInfo data, string? redis) => new()
    {
        Redis = redis,
        Port = 0,
        SidecarHttpPort = 0,
        SidecarGrpcPort = 0,
        DataDirectory = data.FullName,
        ComponentsDirectory = FindComponents(),
    };

    public async ValueTask InitializeAsync()
    {
        _redis = onRedis ? await RedisServer.StartLocalAsync() : null;
        _system = await LocalSystem.StartAsync(Change(OptionsFor(_data, _redis?.EndPoint)), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _data.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected virtual LocalOptions Change(LocalOptions options) => options;

    private static string FindComponents()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "components", "jobs.yaml")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run inside the repository.");
        }

        return Path.Combine(folder.FullName, "components");
    }
}

/// <summary>Everything in memory.</summary>
public sealed class EmbeddedSystem() : SystemFixture(onRedis: false)
{
    private readonly Dictionary<string, IServiceProvider> _services = [];

    /// <summary>The services of each app, by its app id.</summary>
    public IReadOnlyDictionary<string, IServiceProvider> Services => _services;

    protected override LocalOptions Change(LocalOptions options) => options with
    {
        ConfigureService = (appId, builder) => builder.Services.AddHostedService(services =>
        {
            _services[appId] = services;
            return new Nothing();
        }),
    };

    private sealed class Nothing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Streams and job store on Redis.</summary>
public sealed class RedisSystem() : SystemFixture(onRedis: true);
