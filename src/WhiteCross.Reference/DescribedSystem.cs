using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WhiteCross.Gateway;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Local;
using WhiteCross.Settings;

namespace WhiteCross.Reference;

/// <summary>The whole system, started in memory to be asked what settings it reads and what it measures.</summary>
internal sealed class DescribedSystem : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-reference-");
    private readonly Dictionary<string, IServiceCollection> _services = [];
    private readonly SortedDictionary<string, Instrument> _instruments = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, IServiceProvider> _providers = [];
    private LocalSystem? _system;

    private DescribedSystem() => _listener.InstrumentPublished = (instrument, _) =>
    {
        if (instrument.Meter.Name.StartsWith("WhiteCross", StringComparison.Ordinal) || instrument.Name.StartsWith("whitecross", StringComparison.Ordinal))
        {
            lock (_instruments)
            {
                _instruments[instrument.Name] = instrument;
            }
        }
    };

    /// <summary>The gateway's app id.</summary>
    public const string Gateway = "queue-gateway";

    /// <summary>The services' app ids, the gateway's among them.</summary>
    public IEnumerable<string> Services => _providers.Keys.Order(StringComparer.Ordinal);

    /// <summary>The sections of settings that each service reads.</summary>
    public IEnumerable<(string Service, KnownSection Section)> Sections =>
        _services.SelectMany(service => service.Value.Select(one => one.ImplementationInstance).OfType<KnownSection>().Select(section => (service.Key, section)));

    /// <summary>What is measured.</summary>
    public IReadOnlyCollection<Instrument> Instruments => _instruments.Values;

    public static async Task<DescribedSystem> StartAsync(CancellationToken cancellationToken)
    {
        var system = new DescribedSystem();
        system._listener.Start();
        system._system = await LocalSystem.StartAsync(
            new LocalOptions
            {
                Port = 0,
                SidecarHttpPort = 0,
                SidecarGrpcPort = 0,
                DataDirectory = system._data.FullName,
                ComponentsDirectory = Path.Combine(Sources.FindRepository(), "components"),
                ConfigureService = system.Configure,
                Settings = new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "None" },
            },
            cancellationToken);
        CreateStaticInstruments();
        return system;
    }

    /// <summary>What a service says of its API.</summary>
    public Task<DescribedService> DescribeAsync(string appId, CancellationToken cancellationToken) => DescribedService.ReadAsync(_providers[appId], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _data.Delete(recursive: true);
    }

    private void Configure(string appId, WebApplicationBuilder builder)
    {
        _services[appId] = builder.Services;
        builder.Services.AddSingleton<IHostedService>(provider => new Witness(() => _providers[appId] = provider));
        if (appId == Gateway)
        {
            // What jobs are about is of any form to the gateway, which reads it by type; and what is streamed is no answer of one.
            builder.Services.Configure<OpenApiOptions>("v1", options => options.AddDocumentTransformer(async (document, context, cancellationToken) =>
            {
                foreach (var type in JobTypeRegistry.Default.JobTypes.Select(JobTypeRegistry.Default.DataOf).Append(typeof(JobEventMessage)))
                {
                    document.AddComponent(type.Name, await context.GetOrCreateSchemaAsync(type, null, cancellationToken));
                }
            }));
        }
    }

    // Instruments in static fields are made with their type's first use, which may not have come yet.
    private static void CreateStaticInstruments()
    {
        foreach (var type in AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => assembly.GetName().Name?.StartsWith("WhiteCross.", StringComparison.Ordinal) is true)
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.ContainsGenericParameters
                && type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly).Any(field => typeof(Instrument).IsAssignableFrom(field.FieldType))))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }
    }

    private sealed class Witness(Action started) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            started();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
