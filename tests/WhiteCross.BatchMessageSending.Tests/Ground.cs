using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>What services and sidecars stand on and what outlives them: everything in memory, or a Redis database.</summary>
public sealed class Ground(RedisServer? redis = null, TimeSpan? lease = null)
{
    private static readonly DirectoryInfo Folder = CreateFolder();

    private readonly string _database = redis?.NewDatabase().ToString(CultureInfo.InvariantCulture) ?? "1";

    public EmbeddedBroker? Broker { get; } = redis is null ? new EmbeddedBroker(TimeProvider.System) : null;

    public InMemoryJobStore? Store { get; } = redis is null ? new InMemoryJobStore(queue => OptionsOf(queue, lease)) : null;

    public IEnumerable<KeyValuePair<string, string?>> Settings =>
    [
        new("REDIS_HOST", redis?.Host ?? "localhost"),
        new("REDIS_PORT", redis?.Port.ToString(CultureInfo.InvariantCulture) ?? "6379"),
        new("REDIS_QUEUE_DB", _database),
    ];

    private static QueueOptions OptionsOf(string queue, TimeSpan? lease)
    {
        var options = JobQueues.DefaultOptions(queue);
        options.Lease = lease ?? options.Lease;
        return options;
    }

    /// <summary>One for all tests, gone with their process.</summary>
    private static DirectoryInfo CreateFolder()
    {
        var folder = Directory.CreateTempSubdirectory("batch-components-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return folder;
    }

    /// <summary>The repository's components; on Redis with the test's own database.</summary>
    public string Components()
    {
        var own = Folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(BuiltProjects.Repository, "components"), "*.yaml"))
        {
            File.WriteAllText(
                Path.Combine(own, Path.GetFileName(file)),
                File.ReadAllText(file)
                    .Replace("value: \"1\"", $"value: \"{_database}\"", StringComparison.Ordinal)

                    // An event that died with its sidecar is delivered again after this time; tests need not wait for it a minute.
                    .Replace("value: \"60s\"", "value: \"3s\"", StringComparison.Ordinal)
                    .Replace("value: \"5000\"", "value: \"1000\"", StringComparison.Ordinal));
        }

        return own;
    }

    /// <summary>Starts a sidecar; it is ready once its app listens.</summary>
    public async Task<SidecarHost> StartSidecarAsync(string appId, (int App, int Http, int Grpc) ports, string? token = null, IReadOnlyDictionary<string, Uri>? knownApps = null)
    {
        var settings = Settings.ToDictionary();
        return await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = appId,
                AppPort = ports.App,
                AppApiToken = token,
                DaprHttpPort = ports.Http,
                DaprGrpcPort = ports.Grpc,
                ResourcesPaths = [Components()],
                Broker = Broker,
                Environment = new ResourceEnvironment { Variable = name => settings.GetValueOrDefault(name) ?? (name == "SECRET_MESSAGE_KEYS" ? "{}" : null) },
                KnownApps = knownApps ?? new Dictionary<string, Uri>(),
                ConfigureLogging = logging => logging.ClearProviders(),
            },
            TestContext.Current.CancellationToken);
    }
}
