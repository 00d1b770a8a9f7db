using System.Globalization;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;
using WhiteCross.Deploy.Tests.Cluster;
using WhiteCross.ServiceDefaults;
using WhiteCross.Sidecar;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Deploy.Tests.InCluster;

/// <summary>
/// The services and migrations of a rendered overlay, each a process with the user, the environment and the unwritable folder that it has in a pod, beside a
/// sidecar of its own. What differs from a cluster: ports, since all of them are on one machine; names of Services stand for these; the sidecars' streams
/// are in memory; the authority that vouches for a Redis by TLS is the test's.
/// </summary>
public abstract class PodsOfOverlay(string name, PostgresServer postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("whitecross-pods-");
    private readonly TestCertificate _certificate = new(TimeProvider.System);
    private readonly string _password = Guid.NewGuid().ToString("N");
    private readonly List<string> _databases = [];
    private readonly List<SidecarHost> _sidecars = [];
    private readonly Dictionary<string, (ChildProcess Process, Uri Address)> _services = [];
    private readonly Dictionary<string, ChildProcess> _migrations = [];
    private Dictionary<string, IReadOnlyDictionary<string, string>> _secrets = [];
    private RedisProcess? _redis;

    internal Overlay Overlay { get; } = Overlay.Read(name);

    internal IReadOnlyDictionary<string, ChildProcess> Migrations => _migrations;

    internal IReadOnlyDictionary<string, (ChildProcess Process, Uri Address)> Services => _services;

    internal HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public async ValueTask InitializeAsync()
    {
        // Temporary folders are their owner's alone; the services are to read certificates in these.
        new FileInfo(_certificate.AuthorityFile).Directory!.UnixFileMode |= UnixFileMode.OtherExecute;
        _folder.UnixFileMode |= UnixFileMode.OtherExecute;
        _redis = await StartRedisAsync();
        _secrets = await MakeSecretsAsync();
        var ports = Overlay.Deployments.ToDictionary(deployment => deployment.Name(), _ => (App: FreePorts.Take(), Tls: FreePorts.Take(), Http: FreePorts.Take(), Grpc: FreePorts.Take()));
        await StartSidecarsAsync(ports);
        foreach (var job in Overlay.All<V1Job>())
        {
            _migrations[job.Name()] = Start(job.Name(), job.Spec.Template.Spec, FolderOf(job.Spec.Template.Spec), new Dictionary<string, string>());
        }

        foreach (var deployment in Overlay.Deployments)
        {
            var (app, tls, http, grpc) = ports[deployment.Name()];
            var pod = deployment.Spec.Template.Spec;
            var given = new Dictionary<string, string> { ["ASPNETCORE_HTTP_PORTS"] = Text(app), ["DAPR_HTTP_PORT"] = Text(http), ["DAPR_GRPC_PORT"] = Text(grpc) };
            if (pod.Containers[0].Ports.Any(port => port.Name == "https"))
            {
                given["ASPNETCORE_HTTPS_PORTS"] = Text(tls);
            }

            foreach (var (variable, scheme, service) in ServiceAddresses.Of(Overlay, pod.Containers[0]))
            {
                given[variable] = $"{scheme}://localhost:{Text(scheme == "https" ? ports[service].Tls : ports[service].App)}";
            }

            _services[deployment.Name()] = (Start(deployment.Name(), pod, FolderOf(pod), given), new Uri($"http://localhost:{Text(app)}"));
        }
    }

    /// <summary>Waits until a service answers.</summary>
    internal async Task WaitAsync(string service, string path, CancellationToken cancellationToken) =>
        await _services[service].Process.WaitUntilUpAsync(Client, new Uri(_services[service].Address, path), Patience, cancellationToken);

    /// <summary>A value of a Secret.</summary>
    internal string Secret(string secret, string key) => _secrets[secret][key];

    /// <summary>Ends everything, as Kubernetes does: the services are told to, and their sidecars wait for them.</summary>
    /// <exception cref="InvalidOperationException">A service did not end well, or not in time.</exception>
    public async ValueTask DisposeAsync()
    {
        var failures = await Task.WhenAll(_services.Select(service => StopAsync(service.Key, service.Value.Process)));
        foreach (var process in _services.Values.Select(service => service.Process).Concat(_migrations.Values))
        {
            await process.DisposeAsync();
        }

        await Task.WhenAll(_sidecars.Select(sidecar => sidecar.DisposeAsync().AsTask()));
        foreach (var database in _databases)
        {
            await postgres.DropDatabaseAsync(database);
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        Client.Dispose();
        _certificate.Dispose();
        _folder.Delete(recursive: true);
        if (failures.OfType<string>().ToList() is { Count: > 0 } told)
        {
            throw new InvalidOperationException(string.Join('\n', told));
        }
    }

    private static async Task<string?> StopAsync(string service, ChildProcess process)
    {
        if (!process.IsRunning)
        {
            return null; // Its tests have said so.
        }

        using var limit = new CancellationTokenSource(ServiceDefaultsExtensions.ShutdownTimeout);
        try
        {
            var code = await process.TerminateAsync(limit.Token);
            return code == 0 ? null : $"{service} ended with {code}:\n{process.LastOutput()}";
        }
        catch (OperationCanceledException)
        {
            return $"{service} had not ended {ServiceDefaultsExtensions.ShutdownTimeout} after it was told to:\n{process.LastOutput()}";
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // The image is named after the app id; the file in it after the folder of services/.
    private static string FolderOf(V1PodSpec pod) => Apps.All.Single(app => app.Id == pod.Containers[0].Image.Split('/')[^1].Split(':')[0]).Folder;

    private ChildProcess Start(string process, V1PodSpec pod, string folder, IReadOnlyDictionary<string, string> given)
    {
        // What the image and the injector of the sidecars set, and what stands for the names and the authorities of a cluster.
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? string.Empty,
            ["HOME"] = "/home/app",
            ["DOTNET_RUNNING_IN_CONTAINER"] = "true",
            ["SSL_CERT_FILE"] = _certificate.AuthorityFile,
            ["DOTNET_TieredPGO"] = "0", // Does not measure what it will never run often: twenty processes start at once.
            ["DOTNET_EnableWriteXorExecute"] = "0",
        };
        var mounts = SecretMounts(process, pod);
        foreach (var (variable, value) in PodEnvironment.Of(Overlay, pod.Containers[0], _secrets))
        {
            var mount = mounts.FirstOrDefault(mount => value.StartsWith(mount.Path + "/", StringComparison.Ordinal));
            environment[variable] = mount.Folder is null ? value : mount.Folder + value[mount.Path.Length..];
        }

        foreach (var (variable, value) in given)
        {
            environment[variable] = value;
        }

        var assembly = BuiltProjects.Find($"services/{folder}", $"WhiteCross.{folder}");
        var start = new ChildProcess(new ChildProcessStart(
            process,
            UnprivilegedUser.Command(environment, ["dotnet", "exec", assembly, .. pod.Containers[0].Args ?? []]),
            new Dictionary<string, string?>(),
            Path.Combine(_folder.FullName, $"{process}.log"),
            UnprivilegedUser.CanBecome ? Path.GetDirectoryName(assembly) : Unwritable()));
        start.Start();
        return start;
    }

    /// <summary>The Secrets that a container mounts, as folders here, which its settings then name instead.</summary>
    private List<(string Path, string Folder)> SecretMounts(string process, V1PodSpec pod)
    {
        var mounts = new List<(string, string)>();
        foreach (var volume in (pod.Volumes ?? []).Where(volume => volume.Secret is not null))
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, $"{process}-{volume.Name}")).FullName;
            foreach (var (key, value) in _secrets[volume.Secret.SecretName])
            {
                File.WriteAllText(Path.Combine(folder, key), value);
            }

            mounts.Add((pod.Containers[0].VolumeMounts.Single(mount => mount.Name == volume.Name).MountPath, folder));
        }

        return mounts;
    }

    private string Unwritable()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, "app"));
        folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserExecute;
        return folder.FullName;
    }

    private async Task<RedisProcess> StartRedisAsync()
    {
        var tls = Overlay.Settings["REDIS_TLS"] == "true";
        var options = new ConfigurationOptions { Password = _password, Ssl = tls, SslHost = "localhost" };
        options.TrustIssuer(_certificate.AuthorityFile);
        var certificates = $"tls-cert-file {_certificate.CertificateFile}\ntls-key-file {_certificate.KeyFile}\ntls-ca-cert-file {_certificate.AuthorityFile}\ntls-auth-clients no\n";
        return await RedisProcess.StartAsync(
            port => (tls ? $"port 0\ntls-port {Text(port)}\n{certificates}" : $"port {Text(port)}\n") + $"save \"\"\nrequirepass {_password}\n", CancellationToken.None, options);
    }

    /// <summary>Those of the documented script, with the stores of the test in place of a site's. Optional ones it does not make, so that they are missing.</summary>
    private async Task<Dictionary<string, IReadOnlyDictionary<string, string>>> MakeSecretsAsync()
    {
        var made = (await Secrets.MakeAsync(CancellationToken.None)).ToDictionary(secret => secret.Name(), secret => new Dictionary<string, string>(secret.StringData));
        var address = $"localhost:{Text(_redis!.Port)}";
        made["redis"]["address"] = address;
        made["redis"]["password"] = _password;
        made["redis"]["connection"] = $"{address},user={made["redis"]["username"]},password={_password},ssl={Overlay.Settings["REDIS_TLS"]}";
        foreach (var database in made["postgres"].Keys.Where(key => key != "password"))
        {
            var connection = await postgres.CreateDatabaseAsync();
            _databases.Add(connection);
            made["postgres"][database] = new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = 10 }.ConnectionString;
        }

        // For the names of this machine instead of the Services'.
        made["services-tls"] = new()
        {
            ["tls.crt"] = await File.ReadAllTextAsync(_certificate.CertificateFile),
            ["tls.key"] = await File.ReadAllTextAsync(_certificate.KeyFile),
            ["ca.crt"] = await File.ReadAllTextAsync(_certificate.AuthorityFile),
        };
        return made.ToDictionary(secret => secret.Key, secret => (IReadOnlyDictionary<string, string>)secret.Value);
    }

    private async Task StartSidecarsAsync(Dictionary<string, (int App, int Tls, int Http, int Grpc)> ports)
    {
        var broker = new EmbeddedBroker(TimeProvider.System);
        var variables = new Dictionary<string, string>
        {
            ["REDIS_HOST"] = Secret("redis", "address"),
            ["REDIS_PORT"] = Text(_redis!.Port),
            ["REDIS_USERNAME"] = Secret("redis", "username"),
            ["REDIS_PASSWORD"] = _password,
            ["REDIS_TLS"] = Overlay.Settings["REDIS_TLS"],
            ["SECRET_message-keys"] = Secret("message-keys", "message-keys"),
        };
        var addresses = ports.ToDictionary(app => app.Key, app => new Uri($"http://localhost:{Text(app.Value.Http)}"));
        _sidecars.AddRange(await Task.WhenAll(ports.Select(app => SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = app.Key,
                AppPort = app.Value.App,
                DaprHttpPort = app.Value.Http,
                DaprGrpcPort = app.Value.Grpc,
                ApiToken = Secret("dapr-api-token", "token"),
                AppApiToken = Secret("dapr-app-token", "token"),
                ResourcesPaths = [Repository.PathOf("components")],
                ConfigFile = Repository.PathOf("components/config.yaml"),
                Broker = broker,
                Environment = new ResourceEnvironment { Variable = variables.GetValueOrDefault },
                KnownApps = addresses,
                ExportsTraces = false,
                ConfigureLogging = static logging => logging.ClearProviders(),
            },
            CancellationToken.None))));
    }
}

/// <summary>Those of the development overlay.</summary>
public sealed class DevelopmentPods(PostgresServer postgres) : PodsOfOverlay("development", postgres);

/// <summary>Those of the production overlay.</summary>
public sealed class ProductionPods(PostgresServer postgres) : PodsOfOverlay("production", postgres);
