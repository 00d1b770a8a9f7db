using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Storage;

/// <summary>Brings a database up to this version's shape before the service takes its first request; several instances may start at once.</summary>
internal sealed partial class DatabaseMigrator<TContext>(
    IServiceScopeFactory scopes, ServiceDatabase settings, ILogger<DatabaseMigrator<TContext>> logger) : IHostedService, IDatabaseMigration
    where TContext : DbContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public Task StartAsync(CancellationToken cancellationToken) => MigrateAsync(cancellationToken);

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        settings.CreateDirectory();
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TContext>().Database;
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
                $"The database {settings.Name} could not be migrated within {Patience.TotalMinutes} minutes. If no other instance is migrating it, one died doing so: delete the row of the table __EFMigrationsLock.");
        }

        LogMigrated(settings.Name, pending);
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
            var key = $"WhiteCross {settings.Name} migrations";
            await database.ExecuteSqlAsync($"SELECT pg_advisory_lock(hashtextextended({key}, 0))", cancellationToken);
            await database.MigrateAsync(cancellationToken);
            await database.ExecuteSqlAsync($"SELECT pg_advisory_unlock(hashtextextended({key}, 0))", CancellationToken.None);
        }
        finally
        {
            await database.CloseConnectionAsync();
        }
    }

    [LoggerMessage(LogLevel.Information, "Applied {Count} migrations to the database {Database}.")]
    private partial void LogMigrated(string database, int count);
}
