using Microsoft.Data.Sqlite;

namespace WhiteCross.Testing;

/// <summary>A database of a test's own, of either kind; gone with the test.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    /// <summary>How to connect to it.</summary>
    public abstract string ConnectionString { get; }

    /// <summary>Creates one.</summary>
    /// <param name="kind">Of which kind.</param>
    /// <param name="postgres">The server, for one on PostgreSQL.</param>
    /// <param name="migrated">What it is a copy of; null: it is empty.</param>
    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind, PostgresServer? postgres, MigratedDatabase? migrated = null)
    {
        if (kind == DatabaseKind.Sqlite)
        {
            var sqlite = new Sqlite();
            if (migrated is not null)
            {
                await migrated.WriteSqliteAsync(sqlite.File);
            }

            return sqlite;
        }

        ArgumentNullException.ThrowIfNull(postgres);
        return new Postgres(postgres, await postgres.CreateDatabaseAsync(migrated));
    }

    /// <summary>Takes the database away under the service.</summary>
    public abstract ValueTask DisposeAsync();

    private sealed class Sqlite : TestDatabase
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("database-test-").FullName;

        public string File => Path.Combine(_folder, "test.db");

        public override string ConnectionString => $"Data Source={File}";

        public override ValueTask DisposeAsync()
        {
            using var connection = new SqliteConnection(ConnectionString);
            SqliteConnection.ClearPool(connection);
            if (Directory.Exists(_folder))
            {
                Directory.Delete(_folder, recursive: true);
            }

            return ValueTask.CompletedTask;
        }
    }

    private sealed class Postgres(PostgresServer server, string connectionString) : TestDatabase
    {
        public override string ConnectionString => connectionString;

        public override async ValueTask DisposeAsync() => await server.DropDatabaseAsync(connectionString);
    }
}

/// <summary>The databases that everything must work on.</summary>
public enum DatabaseKind
{
    /// <summary>A file of the test's own.</summary>
    Sqlite,

    /// <summary>A database of the test's own on a PostgreSQL.</summary>
    Postgres,
}
