using Microsoft.Data.Sqlite;

namespace WhiteCross.Testing;

/// <summary>
/// A service's database, migrated once in a run of tests: each test gets a copy of it, which costs a tenth of the migration. Tests of the migration itself
/// take an empty <see cref="TestDatabase"/>.
/// </summary>
/// <param name="migrate">Migrates the empty database of a connection string, as the service's argument <c>migrate</c> does.</param>
public sealed class MigratedDatabase(Func<string, Task> migrate)
{
    private readonly Lazy<Task<byte[]>> _sqlite = new(() => MigrateSqliteAsync(migrate));

    /// <summary>Writes a copy of it as a SQLite file.</summary>
    /// <param name="file">Where; there must be none.</param>
    public async Task WriteSqliteAsync(string file)
    {
        var content = await _sqlite.Value;
        await using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
        await stream.WriteAsync(content);
    }

    internal Task MigrateAsync(string connectionString) => migrate(connectionString);

    private static async Task<byte[]> MigrateSqliteAsync(Func<string, Task> migrate)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, null);
        await migrate(database.ConnectionString);
        await using (var connection = new SqliteConnection(database.ConnectionString))
        {
            // What is in the log beside the file moves into it, so that the file is all.
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await command.ExecuteNonQueryAsync();
            SqliteConnection.ClearPool(connection);
        }

        return await File.ReadAllBytesAsync(new SqliteConnectionStringBuilder(database.ConnectionString).DataSource);
    }
}
