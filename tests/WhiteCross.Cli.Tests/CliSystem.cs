using WhiteCross.Local;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Cli.Tests;

/// <summary>The whole system in memory, whose gateway asks for keys, and the tool in front of it.</summary>
public sealed class CliSystem : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");
    private LocalSystem? _system;

    /// <summary>The keys, by role.</summary>
    public static string KeyOf(string role) => $"a-key-of-{role}-for-tests-only";

    public Uri Address => _system?.GatewayAddress ?? throw new InvalidOperationException("The system has not started.");

    public async ValueTask InitializeAsync()
    {
        string[] roles = ["viewer", "operator", "admin"];
        var settings = roles.SelectMany((role, i) => new Dictionary<string, string?>
        {
            [$"Access:ApiKeys:{i}:Name"] = $"the {role}",
            [$"Access:ApiKeys:{i}:Key"] = KeyOf(role),
            [$"Access:ApiKeys:{i}:Role"] = role,
        });
        _system = await LocalSystem.StartAsync(
            new LocalOptions
            {
                Port = 0,
                SidecarHttpPort = 0,
                SidecarGrpcPort = 0,
                DataDirectory = _data.FullName,
                ComponentsDirectory = Path.Combine(BuiltProjects.Repository, "components"),
                Settings = settings.ToDictionary(),
            },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _data.Delete(recursive: true);
    }

    /// <summary>Runs the tool with an admin's key.</summary>
    public Task<Ran> RunAsync(params string[] args) => Tool().RunAsync(args);

    /// <summary>The tool, to be run in another way.</summary>
    internal Tool Tool(string role = "admin") => new() { Variables = { ["WC_URL"] = Address.ToString(), ["WC_API_KEY"] = KeyOf(role) } };
}
