using Microsoft.Extensions.Diagnostics.HealthChecks;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageIndexing;

/// <summary>The index, on the database that the settings name.</summary>
internal static class MessageIndexSetup
{
    /// <summary>The connection string. Left out: a SQLite file <c>search.db</c> in the data directory.</summary>
    public const string ConnectionSetting = "ConnectionStrings:" + Name;

    private const string Name = "Search";

    internal static void AddMessageIndex(this IServiceCollection services)
    {
        services.AddServiceDatabase(Name);
        services.AddSingleton<IMessageIndex>(provider =>
        {
            var database = provider.GetRequiredService<ServiceDatabase>();
            database.CreateDirectory();
            return database.IsPostgres
                ? new PostgresMessageIndex(database.ConnectionString, provider.GetRequiredService<ILoggerFactory>())
                : new SqliteMessageIndex(database.ConnectionString);
        });
        services.AddHostedService<UpgradeMessageIndex>();
        services.AddSingleton<IDatabaseMigration, UpgradeMessageIndex>();
        services.AddHealthChecks().AddCheck<MessageIndexHealth>("search-database", tags: [ServiceHealth.ReadyTag], timeout: TimeSpan.FromSeconds(5));
    }

    /// <summary>Upgrades the database before the service takes its first request.</summary>
    private sealed class UpgradeMessageIndex(IMessageIndex index) : IHostedService, IDatabaseMigration
    {
        public Task StartAsync(CancellationToken cancellationToken) => MigrateAsync(cancellationToken);

        public Task MigrateAsync(CancellationToken cancellationToken) => index.UpgradeAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class MessageIndexHealth(IMessageIndex index) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await index.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
