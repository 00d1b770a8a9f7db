using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;
using WhiteCross.Local;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Dashboard.Tests;

/// <summary>The whole local system, with data of its own.</summary>
public sealed class StartedSystem : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly LocalSystem _system;

    private StartedSystem(DirectoryInfo data, LocalSystem system) => (_data, _system) = (data, system);

    public Uri Gateway => _system.GatewayAddress;

    public static async Task<StartedSystem> StartAsync(IReadOnlyDictionary<string, string?> settings, IJobStore? store, string? redis, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("whitecross-");
        try
        {
            var system = await LocalSystem.StartAsync(
                new LocalOptions
                {
                    Redis = redis,
                    Port = 0,
                    SidecarHttpPort = 0,
                    SidecarGrpcPort = 0,
                    DataDirectory = data.FullName,
                    ComponentsDirectory = Path.Combine(BuiltProjects.Repository, "components"),
                    Settings = settings,
                    ConfigureService = (_, builder) =>
                    {
                        builder.Logging.ClearProviders();
                        if (store is not null)
                        {
                            builder.Services.AddSingleton(store);
                        }
                    },
                },
                cancellationToken);
            return new StartedSystem(data, system);
        }
        catch
        {
            data.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
