using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>Brings the database up to this version's shape before the service takes its first request; several instances may start at once.</summary>
internal sealed partial class MigrateMessageDatabase(
    IServiceScopeFactory scopes, MessageDatabase settings, ILogger<MigrateMessageDatabase> logger) : IHostedService, IDatabaseMigration
{
    // Any number, as long as nothing else in the database takes a lock by it.
    private const long PostgresLock = 0x4d657373616765;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public Task StartAsync(CancellationToken cancellationToken) => MigrateAsync(cancellationToken);

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (!settings.IsPostgres)
        {
            CreateDirectory(settings.ConnectionString);
        }

        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MessagesDbContext>().Database;
        var pending = (await database.GetPendingMigrationsAsync(cancellationToken)).Count();
        if (pending == 0)
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await MigrateAsync(database, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException(
                $"The messages' database could not be migrated within {Patience.TotalMinutes} minutes. If no other instance is migrating it, one died doing so: delete the row of the table __EFMigrationsLock.");
        }

        LogMigrated(pending);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MigrateAsync(DatabaseFacade database, CancellationToken cancellationToken)
    {
        if (!settings.IsPostgres)
        {
            await database.MigrateAsync(cancellationToken);
            return;
        }

        // In PostgreSQL, EF Core's own lock ends with each migration, and a second instance would make the next one too. This one is the session's.
        database.SetCommandTimeout(Patience);
        await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await database.ExecuteSqlAsync($"SELECT pg_advisory_lock({PostgresLock})", cancellationToken);
            await database.MigrateAsync(cancellationToken);
            await database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({PostgresLock})", CancellationToken.None);
        }
        finally
        {
            await database.CloseConnectionAsync();
        }
    }

    private static void CreateDirectory(string connectionString)
    {
        var file = new SqliteConnectionStringBuilder(connectionString).DataSource;
        if (file.Length > 0 && !file.StartsWith(':') && Path.GetDirectoryName(file) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }
    }

    [LoggerMessage(LogLevel.Information, "Applied {Count} migrations to the messages' database.")]
    private partial void LogMigrated(int count);
}
