using Microsoft.Data.Sqlite;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

/// <summary>An empty database of a test's own, of either kind; gone with the test.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    public abstract string ConnectionString { get; }

    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind, PostgresServer postgres) =>
        kind == DatabaseKind.Postgres ? new Postgres(postgres, await postgres.CreateDatabaseAsync()) : new Sqlite();

    /// <summary>Takes the database away under the service.</summary>
    public abstract ValueTask DisposeAsync();

    private sealed class Sqlite : TestDatabase
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("search-test-").FullName;

        public override string ConnectionString => $"Data Source={Path.Combine(_folder, "search.db")}";

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
    Sqlite,
    Postgres,
}
