using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.Storage;

/// <summary>Registers a service's database.</summary>
public static class StorageExtensions
{
    // A check that hangs must not outlive the probe that asked for it.
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Registers the settings of a database without a model of EF Core: <see cref="ServiceDatabase"/> as a singleton, read and checked when the
    /// service starts.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">What the database holds; see <see cref="ServiceDatabase.Name"/>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddServiceDatabase(this IServiceCollection services, string name)
    {
        services.AddKnownSection("Database", "Provider");
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DatabaseSettingsCheck.Subject>, DatabaseSettingsCheck>());
        services.AddOptions<DatabaseSettingsCheck.Subject>().ValidateOnStart();
        return services.AddSingleton(provider => ServiceDatabase.Read(
            name, provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<IHostEnvironment>().ContentRootPath));
    }

    /// <summary>
    /// Registers a database with a model of EF Core: <typeparamref name="TContext"/> in each scope, by the provider that the settings say; its
    /// migration before the service takes its first request, or by the argument <c>migrate</c>; a health check for readiness.
    /// </summary>
    /// <typeparam name="TContext">The model.</typeparam>
    /// <typeparam name="TSqlite">The model in SQLite, with its migrations.</typeparam>
    /// <typeparam name="TPostgres">The model in PostgreSQL, with its migrations.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="name">What the database holds; see <see cref="ServiceDatabase.Name"/>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddServiceDatabase<TContext, TSqlite, TPostgres>(this IServiceCollection services, string name)
        where TContext : DbContext
        where TSqlite : TContext
        where TPostgres : TContext
    {
        services.AddServiceDatabase(name);
        services.AddPooledDbContextFactory<TSqlite>((provider, options) =>
            options.UseSqlite(provider.GetRequiredService<ServiceDatabase>().ConnectionString));
        services.AddPooledDbContextFactory<TPostgres>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<ServiceDatabase>().ConnectionString, postgres => postgres.EnableRetryOnFailure(3)));
        services.AddScoped<TContext>(provider => provider.GetRequiredService<ServiceDatabase>().IsPostgres
            ? provider.GetRequiredService<IDbContextFactory<TPostgres>>().CreateDbContext()
            : provider.GetRequiredService<IDbContextFactory<TSqlite>>().CreateDbContext());
        services.AddSingleton<DatabaseMigrator<TContext>>();
        services.AddSingleton<IDatabaseMigration>(provider => provider.GetRequiredService<DatabaseMigrator<TContext>>());
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseMigrator<TContext>>());
        services.AddHealthChecks()
            .AddCheck<Health<TContext>>($"{name.ToLowerInvariant()}-database", tags: [ServiceHealth.ReadyTag], timeout: HealthTimeout);
        return services;
    }

    private sealed class Health<TContext>(TContext database) : IHealthCheck
        where TContext : DbContext
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await database.Database.CanConnectAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
    }
}
