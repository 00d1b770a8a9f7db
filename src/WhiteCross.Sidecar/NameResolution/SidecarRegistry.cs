using Microsoft.Data.Sqlite;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.NameResolution;

/// <summary>
/// The addresses of the sidecars of one machine, in a SQLite file. A sidecar writes its own again and again, so that the address of one that died
/// stops counting by itself. The table is not daprd's own of the same name: daprd speaks another protocol between sidecars.
/// </summary>
internal sealed class SidecarRegistry(NameResolutionConfiguration configuration, string @namespace, TimeProvider time)
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = configuration.ConnectionString,
        DefaultTimeout = (int)configuration.Timeout.TotalSeconds,
    }.ToString();

    private readonly string _table = $"{configuration.TableName}_http";
    private readonly string _registration = Guid.NewGuid().ToString();

    /// <summary>Where the sidecars of a machine find each other when nothing is configured: a file in the user's <c>.dapr</c> folder.</summary>
    public static string DefaultPath
    {
        get
        {
            var home = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
            return Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".dapr", "local-sidecars.db");
        }
    }

    /// <summary>How often <see cref="RegisterAsync"/> must be called for the address to keep counting.</summary>
    public TimeSpan RenewEvery => configuration.UpdateInterval - configuration.Timeout;

    /// <summary>Creates the file and its table where they are missing.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (!configuration.ConnectionString.StartsWith("file:", StringComparison.Ordinal) && Path.GetDirectoryName(Path.GetFullPath(configuration.ConnectionString)) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        await RunAsync(
            $"""
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS {_table} (registration_id TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL, app_id TEXT NOT NULL, namespace TEXT NOT NULL, last_update INTEGER NOT NULL);
            CREATE INDEX IF NOT EXISTS {_table}_app_id ON {_table} (namespace, app_id);
            """,
            static _ => { },
            cancellationToken);
    }

    /// <summary>Writes an app's address, and takes out what was known of the same address, and what is long out of date.</summary>
    public Task RegisterAsync(string appId, Uri address, CancellationToken cancellationToken) => RunAsync(
        $"""
        DELETE FROM {_table} WHERE registration_id <> $registration AND (address = $address OR last_update < $now - 3600);
        INSERT INTO {_table} VALUES ($registration, $address, $app, $namespace, $now)
        ON CONFLICT (registration_id) DO UPDATE SET last_update = excluded.last_update;
        """,
        parameters =>
        {
            parameters.AddWithValue("$registration", _registration);
            parameters.AddWithValue("$address", address.AbsoluteUri);
            parameters.AddWithValue("$app", appId);
            parameters.AddWithValue("$namespace", @namespace);
            parameters.AddWithValue("$now", Now);
        },
        cancellationToken);

    /// <summary>Takes the own address out.</summary>
    public Task UnregisterAsync(CancellationToken cancellationToken) => RunAsync(
        $"DELETE FROM {_table} WHERE registration_id = $registration", parameters => parameters.AddWithValue("$registration", _registration), cancellationToken);

    /// <summary>One of the addresses of an app, any; null where none is known.</summary>
    public async Task<Uri?> FindAsync(string appId, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The table's name is of letters, digits and underscores: see NameResolutionReader.
        command.CommandText = $"SELECT address FROM {_table} WHERE namespace = $namespace AND app_id = $app AND last_update >= $oldest ORDER BY random() LIMIT 1";
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$namespace", @namespace);
        command.Parameters.AddWithValue("$app", appId);
        command.Parameters.AddWithValue("$oldest", Now - (long)configuration.UpdateInterval.TotalSeconds);
        return await command.ExecuteScalarAsync(cancellationToken) is string address ? new Uri(address) : null;
    }

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    private async Task RunAsync(string sql, Action<SqliteParameterCollection> parameters, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // As above.
        command.CommandText = sql;
#pragma warning restore CA2100
        parameters(command.Parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
