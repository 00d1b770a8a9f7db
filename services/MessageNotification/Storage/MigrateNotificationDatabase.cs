using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>Brings the database up to this version's shape before the service takes its first request; several instances may start at once.</summary>
internal sealed partial class MigrateNotificationDatabase(
    IServiceScopeFactory scopes, NotificationDatabase settings, ILogger<MigrateNotificationDatabase> logger) : IHostedService, IDatabaseMigration
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public Task StartAsync(CancellationToken cancellationToken) => MigrateAsync(cancellationToken);

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (!settings.IsPostgres)
        {
            CreateDirectory(settings.ConnectionString);
        }

        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Database;
        var pending = (await database.GetPendingMigrationsAsync(cancellationToken)).Count();
        if (pending == 0)
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await database.MigrateAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException(
                $"The notifications' database could not be migrated within {Patience.TotalMinutes} minutes. If no other instance is migrating it, one died doing so: delete the row of the table __EFMigrationsLock.");
        }

        LogMigrated(pending);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void CreateDirectory(string connectionString)
    {
        var file = new SqliteConnectionStringBuilder(connectionString).DataSource;
        if (file.Length > 0 && !file.StartsWith(':') && Path.GetDirectoryName(file) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }
    }

    [LoggerMessage(LogLevel.Information, "Applied {Count} migrations to the notifications' database.")]
    private partial void LogMigrated(int count);
}
