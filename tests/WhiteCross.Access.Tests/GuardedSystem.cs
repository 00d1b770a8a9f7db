using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Local;
using WhiteCross.Testing;

namespace WhiteCross.Access.Tests;

/// <summary>
/// All services in this process, set up in one way. A request may say from which address it comes, which a connection of this machine cannot: the header is
/// taken for the connection's address.
/// </summary>
internal sealed class GuardedSystem : IAsyncDisposable
{
    public const string AddressHeader = "Test-Address";

    private readonly DirectoryInfo _data;
    private readonly LocalSystem _system;
    private readonly Dictionary<string, IServiceProvider> _services;

    private GuardedSystem(DirectoryInfo data, LocalSystem system, Dictionary<string, IServiceProvider> services, LogCollector logs)
    {
        (_data, _system, _services, Logs) = (data, system, services, logs);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(60) };
    }

    public LocalSystem System => _system;

    public HttpClient Client { get; }

    public LogCollector Logs { get; }

    public DirectoryInfo Data => _data;

    public IEnumerable<string> AppIds => _services.Keys;

    public static Task<GuardedSystem> StartAsync(params (string Key, string? Value)[] settings) => StartInAsync(null, settings);

    public static async Task<GuardedSystem> StartInAsync(string? environment, params (string Key, string? Value)[] settings)
    {
        var data = Directory.CreateTempSubdirectory("whitecross-access-");
        var services = new Dictionary<string, IServiceProvider>();
        var logs = new LogCollector();
        var system = await LocalSystem.StartAsync(
            new LocalOptions
            {
                Port = 0,
                SidecarHttpPort = 0,
                SidecarGrpcPort = 0,
                DataDirectory = data.FullName,
                ComponentsDirectory = FindComponents(),

                // Guarded as where real messages are; a local system by itself is in Development.
                Environment = environment ?? Environments.Production,
                Settings = settings.ToDictionary(setting => setting.Key, setting => setting.Value),
                ConfigureService = (appId, builder) =>
                {
                    builder.Logging.ClearProviders();
                    builder.Logging.AddProvider(logs);
                    builder.Services.AddSingleton<IStartupFilter>(provider =>
                    {
                        services[appId] = provider;
                        return new AddressOfHeader();
                    });
                },
            },
            CancellationToken.None);
        return new GuardedSystem(data, system, services, logs);
    }

    public IEnumerable<RouteEndpoint> EndpointsOf(string appId) =>
        _services[appId].GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Distinct();

    public IServiceProvider ServicesOf(string appId) => _services[appId];

    public Uri AddressOf(string appId) =>
        new(_services[appId].GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _system.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static string FindComponents()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "components", "jobs.yaml")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run inside the repository.");
        }

        return Path.Combine(folder.FullName, "components");
    }

    private sealed class AddressOfHeader : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                if (context.Request.Headers[AddressHeader] is [{ } address])
                {
                    context.Connection.RemoteIpAddress = IPAddress.Parse(address);
                }

                return following(context);
            });
            next(app);
        };
    }
}
