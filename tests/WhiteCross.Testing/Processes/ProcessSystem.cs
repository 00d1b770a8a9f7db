using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace WhiteCross.Testing.Processes;

/// <summary>
/// The system as <c>dapr run -f .</c> starts it: each service and each sidecar a process of its own, with the apps, flags, resources and environment of
/// dapr.yaml, on free ports. Services run from what has been built. The sidecars are daprd where <c>DAPRD_PATH</c> is set.
/// </summary>
public sealed partial class ProcessSystem : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("whitecross-processes-");
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };
    private ImmutableList<RunningApp> _apps = []; // Read while instances come and go.
    private readonly Dictionary<string, Recipe> _recipes = new(StringComparer.Ordinal);
    private readonly ProcessSystemOptions _options;
    private ControlPlane? _controlPlane;
    private int _instances;

    private ProcessSystem(ProcessSystemOptions options) => _options = options;

    /// <summary>All apps.</summary>
    public IReadOnlyList<RunningApp> Apps => _apps;

    /// <summary>Where data and logs are.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Starts it; when this returns, jobs are taken and run.</summary>
    /// <param name="options">What to start.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<ProcessSystem> StartAsync(ProcessSystemOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var system = new ProcessSystem(options);
        try
        {
            system._controlPlane = await ControlPlane.StartAsync(system.Folder, cancellationToken);
            system.Prepare(system._controlPlane.Flags);
            await Task.WhenAll(system._apps.Select(app => app.StartAsync(system._client, options.Patience, cancellationToken)));
            await system.WaitUntilUpAsync(cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>The newest instance of an app id, or the app of the name that was given to an extra one.</summary>
    /// <param name="name">The app id or name.</param>
    public RunningApp App(string name) => _apps.First(app => app.Name == name || app.AppId == name);

    /// <summary>Starts a further instance of an app, with a sidecar and ports of its own.</summary>
    /// <param name="name">The app's id or name.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The instance, which serves.</returns>
    public async Task<RunningApp> StartInstanceAsync(string name, CancellationToken cancellationToken)
    {
        var instance = Make($"{name}-{Text(Interlocked.Increment(ref _instances))}", _recipes[name], (SidecarExecutable.FreePort(), SidecarExecutable.FreePort(), SidecarExecutable.FreePort()));
        ImmutableInterlocked.Update(ref _apps, static (apps, added) => apps.Add(added), instance);
        await instance.StartAsync(_client, _options.Patience, cancellationToken);
        await Task.WhenAll(instance.WaitForServiceAsync(_client, _options.Patience, cancellationToken), instance.WaitForSidecarAsync(_client, _options.Patience, cancellationToken));
        return instance;
    }

    /// <summary>Replaces all instances of an app as a rolling update does: the new one serves before the others are asked to end, each before its sidecar.</summary>
    /// <param name="name">The app's id or name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">A service ended with an error.</exception>
    public async Task ReplaceAsync(string name, CancellationToken cancellationToken)
    {
        var old = _apps.Where(app => app.AppId == _recipes[name].AppId).ToList();
        var next = await StartInstanceAsync(name, cancellationToken);
        // Whoever asks for the app gets the new one from here on.
        ImmutableInterlocked.Update(ref _apps, static (apps, moved) => apps.Remove(moved).Insert(0, moved), next);
        foreach (var instance in old)
        {
            if (await instance.Service.TerminateAsync(cancellationToken) is not 0 and var code)
            {
                throw new InvalidOperationException($"{instance.Service.Name} ended with exit code {code}:\n{instance.Service.LastOutput()}");
            }

            await instance.Sidecar.TerminateAsync(cancellationToken);
            ImmutableInterlocked.Update(ref _apps, static (apps, gone) => apps.Remove(gone), instance);
            await instance.Service.DisposeAsync();
            await instance.Sidecar.DisposeAsync();
        }
    }

    /// <summary>A client of an app; dispose of it.</summary>
    /// <param name="name">The app's id or name.</param>
    public HttpClient ClientOf(string name) => new() { BaseAddress = App(name).Address };

    /// <summary>Waits until all services and sidecars serve, or one has failed: its sidecar would wait for it in vain.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task WaitUntilUpAsync(CancellationToken cancellationToken)
    {
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var waits = _apps.SelectMany(app => new[] { app.WaitForServiceAsync(_client, _options.Patience, rest.Token), app.WaitForSidecarAsync(_client, _options.Patience, rest.Token) });
            await foreach (var wait in Task.WhenEach(waits))
            {
                await wait;
            }
        }
        finally
        {
            await rest.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _apps.SelectMany(app => new[] { app.Service, app.Sidecar }))
        {
            await process.DisposeAsync();
        }

        if (_controlPlane is not null)
        {
            await _controlPlane.DisposeAsync();
        }

        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"(?<=:)\d+\b")]
    private static partial Regex PortInAddress();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string NameOfAssembly(string folder) => $"WhiteCross.{Path.GetFileName(folder.TrimEnd('/'))}";

    // What `dotnet run` would build and start has been built.
    private static IReadOnlyList<string> CommandOf(DaprRunApp app) =>
        app.Command is ["dotnet", "run", ..] ? ["dotnet", "exec", BuiltProjects.Find(app.Folder, NameOfAssembly(app.Folder))] : app.Command;

    private void Prepare(IReadOnlyList<string> controlPlane)
    {
        var file = DaprRunFile.Read();
        var ports = new Dictionary<int, int>();
        foreach (var port in file.SelectMany(app => new[] { app.Port, app.SidecarHttpPort, app.SidecarGrpcPort }))
        {
            ports.Add(port, SidecarExecutable.FreePort());
        }

        var (resources, config) = CopyResources(file[0]);
        var common = CommonEnvironment(file, ports);
        foreach (var app in file.Where(app => _options.Apps?.Contains(app.AppId) ?? true))
        {
            var environment = app.Environment.ToDictionary(
                pair => pair.Key, pair => PortInAddress().Replace(pair.Value, match => ports.TryGetValue(int.Parse(match.Value, CultureInfo.InvariantCulture), out var port) ? Text(port) : match.Value));
            Add(
                app.AppId,
                app.AppId,
                CommandOf(app),
                Path.Combine(BuiltProjects.Repository, app.Folder),
                (ports[app.Port], ports[app.SidecarHttpPort], ports[app.SidecarGrpcPort]),
                common.Concat(environment),
                [.. app.SidecarFlags, "--resources-path", resources, "--config", config, .. controlPlane]);
        }

        foreach (var extra in _options.Extra)
        {
            Add(
                extra.Name,
                extra.AppId,
                extra.Command,
                _folder.FullName,
                (SidecarExecutable.FreePort(), SidecarExecutable.FreePort(), SidecarExecutable.FreePort()),
                common,
                [.. file[0].SidecarFlags, "--resources-path", resources, "--config", config, .. controlPlane]);
        }
    }

    private Dictionary<string, string> CommonEnvironment(IReadOnlyList<DaprRunApp> file, Dictionary<int, int> ports)
    {
        var environment = new Dictionary<string, string>(_options.Environment)
        {
            ["REDIS_HOST"] = _options.Redis,
            ["DataDirectory"] = Directory.CreateDirectory(Path.Combine(_folder.FullName, "data")).FullName,
        };
        environment.TryAdd("REDIS_TLS", "false");
        if (!_options.Redis.Contains(',', StringComparison.Ordinal))
        {
            environment["REDIS_PORT"] = _options.Redis.Split(':')[^1];
        }

        foreach (var app in file.Where(app => app.AppId != "queue-gateway"))
        {
            environment[$"Services__{app.AppId}"] = $"http://localhost:{ports[app.Port]}"; // For the gateway's proxy.
        }

        return environment;
    }

    private void Add(
        string name, string appId, IReadOnlyList<string> command, string directory, (int App, int Http, int Grpc) ports, IEnumerable<KeyValuePair<string, string>> environment, IReadOnlyList<string> flags)
    {
        var recipe = new Recipe(appId, command, directory, [.. environment], flags);
        _recipes[name] = recipe;
        _apps = _apps.Add(Make(name, recipe, ports));
    }

    private RunningApp Make(string name, Recipe recipe, (int App, int Http, int Grpc) ports)
    {
        var variables = new Dictionary<string, string?>();
        foreach (var (variable, value) in recipe.Environment)
        {
            variables[variable] = value;
        }

        // As `dapr run` tells an app about its sidecar.
        variables["ASPNETCORE_URLS"] = $"http://localhost:{ports.App}";
        variables["APP_ID"] = recipe.AppId;
        variables["DAPR_HTTP_PORT"] = Text(ports.Http);
        variables["DAPR_GRPC_PORT"] = Text(ports.Grpc);
        variables.Remove("DAPR_HTTP_ENDPOINT");
        variables.Remove("DAPR_GRPC_ENDPOINT");
        string[] sidecar =
            ["--app-id", recipe.AppId, "--app-port", Text(ports.App), "--dapr-http-port", Text(ports.Http), "--dapr-grpc-port", Text(ports.Grpc), .. recipe.SidecarFlags];
        return new RunningApp(
            name,
            recipe.AppId,
            new ChildProcess(new ChildProcessStart($"the service {name}", recipe.Command, variables, Path.Combine(_folder.FullName, $"{name}.log"), recipe.Directory)),
            new ChildProcess(new ChildProcessStart($"the sidecar of {name}", SidecarExecutable.Command(sidecar), variables, Path.Combine(_folder.FullName, $"{name}.sidecar.log"))),
            new Uri($"http://localhost:{ports.App}"),
            new Uri($"http://localhost:{ports.Http}"));
    }

    /// <summary>The resources as they are, except that sidecars find each other through a file here: two systems on one machine keep apart.</summary>
    private (string Resources, string Config) CopyResources(DaprRunApp app)
    {
        var resources = Directory.CreateDirectory(Path.Combine(_folder.FullName, "components")).FullName;
        foreach (var file in app.ResourcesPaths.SelectMany(folder => Directory.EnumerateFiles(folder, "*.yaml")))
        {
            Rewrite(file, Path.Combine(resources, Path.GetFileName(file)), ReplaceSettings);
        }

        var config = Path.Combine(resources, Path.GetFileName(app.ConfigFile));
        Rewrite(app.ConfigFile, config, document => ((YamlMappingNode)document["spec"]).Children["nameResolution"] = new YamlMappingNode
        {
            { "component", "sqlite" },
            { "version", "v1" },
            { "configuration", new YamlMappingNode { { "connectionString", Path.Combine(_folder.FullName, "sidecars.db") } } },
        });
        return (resources, config);
    }

    private static void Rewrite(string from, string to, Action<YamlNode> change)
    {
        var yaml = new YamlStream();
        using (var reader = File.OpenText(from))
        {
            yaml.Load(reader);
        }

        foreach (var document in yaml.Documents)
        {
            change(document.RootNode);
        }

        using var writer = File.CreateText(to);
        yaml.Save(writer, assignAnchors: false);
    }

    private void ReplaceSettings(YamlNode document)
    {
        var type = document["kind"].ToString() == "Component" ? document["spec"]["type"].ToString() : string.Empty;
        if (!type.EndsWith(".redis", StringComparison.Ordinal))
        {
            return;
        }

        var replaced = type == "pubsub.redis" ? _options.RedisMetadata.Concat(_options.PubSubMetadata.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))) : _options.RedisMetadata;
        var settings = (YamlSequenceNode)document["spec"]["metadata"];
        foreach (var (name, value) in replaced)
        {
            foreach (var old in settings.Where(setting => setting["name"].ToString() == name).ToList())
            {
                settings.Children.Remove(old);
            }

            if (value is not null)
            {
                settings.Add(new YamlMappingNode { { "name", name }, { "value", new YamlScalarNode(value) { Style = ScalarStyle.DoubleQuoted } } });
            }
        }
    }

    /// <summary>How instances of an app are started, but for their ports.</summary>
    private sealed record Recipe(
        string AppId, IReadOnlyList<string> Command, string Directory, IReadOnlyList<KeyValuePair<string, string>> Environment, IReadOnlyList<string> SidecarFlags);
}
