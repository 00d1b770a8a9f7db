using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Testcontainers.PostgreSql;
using Xunit;

namespace WhiteCross.Testing;

/// <summary>
/// A PostgreSQL for tests, shared by all tests of an assembly (<c>[assembly: AssemblyFixture(typeof(PostgresServer))]</c>); each test takes a database of
/// its own with <see cref="CreateDatabaseAsync"/>. It is, in this order: the one of the connection string in <c>TEST_POSTGRES</c> (its user must be
/// allowed to create databases); <c>initdb</c> and <c>postgres</c> from the PATH or from <c>/usr/lib/postgresql</c>, on a free port, with a folder of its
/// own; a container where Docker runs.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string HowToGetOne =
        "Tests need a PostgreSQL: install one (for example `apt install postgresql`), or start Docker, or set TEST_POSTGRES to a connection string.";

    /// <summary>The environment variable that names a server for all tests.</summary>
    public const string Variable = "TEST_POSTGRES";

    // Memory in the form of a folder, as Linux has it. A database is some 300 files, which come and go with every test: on a disk, the file system has more
    // work with them than PostgreSQL with all else. Docker's 64 MiB are not enough.
    private const string MemoryFolder = "/dev/shm";
    private const long MemoryNeeded = 2L << 30;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static int _names;

    private readonly ConcurrentDictionary<MigratedDatabase, Lazy<Task<string>>> _templates = new();
    private string _connectionString = string.Empty;
    private string? _folder;
    private Process? _process;
    private Watchdog? _watchdog;
    private PostgreSqlContainer? _container;

    /// <summary>How to connect to it, as a user that may create databases.</summary>
    public string ConnectionString => _connectionString;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connectionString)
        {
            _connectionString = connectionString;
            await WaitUntilItAnswersAsync();
        }
        else if (FindPrograms() is { } programs)
        {
            await StartProcessAsync(programs);
        }
        else
        {
            await StartContainerAsync();
        }
    }

    /// <summary>Creates a database.</summary>
    /// <param name="migrated">What it is a copy of; null: it is empty.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(MigratedDatabase? migrated = null)
    {
        var template = migrated is null ? null : await _templates.GetOrAdd(migrated, _ => new(() => CreateTemplateAsync(migrated))).Value;
        var name = NewName();
        await ExecuteAsync($"CREATE DATABASE {name}{(template is null ? null : $" TEMPLATE {template}")}");
        return ConnectionStringOf(name);
    }

    /// <summary>Drops a database, whoever is connected to it.</summary>
    /// <param name="connectionString">What <see cref="CreateDatabaseAsync"/> returned.</param>
    public async Task DropDatabaseAsync(string connectionString)
    {
        await ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");
        await using var connection = new NpgsqlConnection(connectionString);
        NpgsqlConnection.ClearPool(connection);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is null && _container is null)
        {
            foreach (var template in _templates.Values)
            {
                await DropDatabaseAsync(ConnectionStringOf(await template.Value));
            }
        }

        _watchdog?.Dispose();
        if (_process is { } process)
        {
            NpgsqlConnection.ClearAllPools();
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }

            process.Dispose();
            Directory.Delete(_folder!, recursive: true);
        }

        if (_container is { } container)
        {
            await container.DisposeAsync();
        }
    }

    private static string NewName() => string.Create(CultureInfo.InvariantCulture, $"test_{Environment.ProcessId:x}_{Interlocked.Increment(ref _names)}");

    private string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder(_connectionString) { Database = database, MaxPoolSize = 20 }.ConnectionString;

    private async Task<string> CreateTemplateAsync(MigratedDatabase migrated)
    {
        var name = NewName();
        await ExecuteAsync($"CREATE DATABASE {name}");
        var connectionString = ConnectionStringOf(name);
        await migrated.MigrateAsync(connectionString);

        // A database with connections cannot be copied.
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        await ExecuteAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        await ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        return name;
    }

    private static string? FindPrograms()
    {
        var name = OperatingSystem.IsWindows() ? "initdb.exe" : "initdb";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
                .OrderByDescending(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)).Select(folder => Path.Combine(folder, "bin"))
            : [];
        return folders.Concat(versions).FirstOrDefault(folder => File.Exists(Path.Combine(folder, name)));
    }

    private static bool HasMemory() => Directory.Exists(MemoryFolder) && new DriveInfo(MemoryFolder).AvailableFreeSpace >= MemoryNeeded;

    /// <summary>PostgreSQL refuses to run as root: then it runs as the user that its package made, or as nobody.</summary>
    private static (string UserId, string GroupId)? OtherUser()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return null;
        }

        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).ToDictionary(fields => fields[0]);
        var user = users.TryGetValue("postgres", out var own) ? own : users["nobody"];
        return (user[2], user[3]);
    }

    private static Process Launch((string UserId, string GroupId)? user, string program, params string[] arguments)
    {
        string[] asUser = user is { } other ? ["setpriv", $"--reuid={other.UserId}", $"--regid={other.GroupId}", "--clear-groups", "--"] : [];
        string[] all = [.. asUser, program, .. arguments];
        return Process.Start(new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        }) ?? throw new InvalidOperationException($"Could not start {program}.");
    }

    private static async Task RunAsync((string UserId, string GroupId)? user, string program, params string[] arguments)
    {
        using var process = Launch(user, program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await errors}");
        }
    }

    private async Task StartProcessAsync(string programs)
    {
        var user = OtherUser();
        _folder = Directory.CreateDirectory(Path.Combine(HasMemory() ? MemoryFolder : Path.GetTempPath(), $"postgres-test-{Guid.NewGuid():N}")).FullName;
        if (user is { } owner)
        {
            await RunAsync(null, "chown", owner.UserId, _folder);
        }

        var data = Path.Combine(_folder, "data");
        await RunAsync(user, Path.Combine(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        for (var attempt = 1; ; attempt++)
        {
            // Somebody may take the port between the look and the start: then another one does.
            var port = FreePorts.Take();
            _connectionString = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";
            _process = Launch(
                user, Path.Combine(programs, "postgres"), "-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), "-h", "127.0.0.1", "-k", _folder,
                "-c", "fsync=off", "-c", "dynamic_shared_memory_type=mmap", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300",
                "-c", "min_wal_size=32MB", "-c", "max_wal_size=128MB");

            _watchdog = new Watchdog(_process, _folder);

            // Read, so that the pipe never fills up.
            _process.OutputDataReceived += (_, _) => { };
            _process.ErrorDataReceived += (_, _) => { };
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
            try
            {
                await WaitUntilItAnswersAsync();
                return;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                _watchdog.Dispose();
                _process.Dispose();
            }
        }
    }

    private async Task StartContainerAsync()
    {
        try
        {
            _container = new PostgreSqlBuilder("postgres:17-alpine").Build();
            await _container.StartAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(HowToGetOne, exception);
        }

        _connectionString = _container.GetConnectionString();
        await WaitUntilItAnswersAsync();
    }

    private async Task WaitUntilItAnswersAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        Exception? last = null;
        while (true)
        {
            try
            {
                await ExecuteAsync("SELECT 1", timeout.Token);
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
            {
                last = exception;
            }

            if (_process is { HasExited: true } process)
            {
                throw new InvalidOperationException($"postgres ended at once, with exit code {process.ExitCode}.", last);
            }

            try
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"PostgreSQL does not answer within {StartTimeout.TotalSeconds} s. {HowToGetOne}", last);
            }
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
#pragma warning disable CA2100 // made of names of our own
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
