using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
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
                ConfigureService = (appId, builder) => system._services[appId] = builder.Services,
                Settings = new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "None" },
            },
            cancellationToken);
        CreateStaticInstruments();
        return system;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _data.Delete(recursive: true);
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
}
