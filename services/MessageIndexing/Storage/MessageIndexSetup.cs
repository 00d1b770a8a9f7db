using Microsoft.Extensions.Diagnostics.HealthChecks;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageIndexing;

/// <summary>Registers the index on the database that the settings name.</summary>
internal static class MessageIndexSetup
{
    public static void AddMessageIndex(this IServiceCollection services)
    {
        services.AddSingleton(provider => SearchDatabase.Read(
            provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<IHostEnvironment>().ContentRootPath));
        services.AddSingleton<IMessageIndex>(provider => provider.GetRequiredService<SearchDatabase>() is { IsPostgres: true } database
            ? new PostgresMessageIndex(database.ConnectionString, provider.GetRequiredService<ILoggerFactory>())
            : new SqliteMessageIndex(provider.GetRequiredService<SearchDatabase>().ConnectionString));
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
