using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;
using WhiteCross.Settings;

namespace WhiteCross.Jobs.Redis;

/// <summary>Puts the job store on Redis into a service.</summary>
internal static class RedisJobStoreSetup
{
    // The tag of the checks that readiness shows.
    private const string Ready = "ready";

    // A Redis that hangs must not outlive the probe that asked for it.
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Adds the connection (<see cref="IConnectionMultiplexer"/>), the job store (<see cref="IJobStore"/>) and the view of the lanes' streams
    /// (<see cref="ILaneInspector"/>), for <see cref="JobStoreSetup.AddJobStore"/>. A service starts also when Redis is away: calls fail with
    /// <see cref="JobStoreUnavailableException"/> until it is there.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The configuration with the REDIS_ settings; see <see cref="RedisJobStoreOptions"/>.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong; the message names each.</exception>
    public static IServiceCollection AddRedisJobStore(this IServiceCollection services, IConfiguration configuration)
    {
        var options = RedisJobStoreOptions.From(configuration);
        services.AddQueueOptions();
        services.AddJobStoreRoles();
        services.AddKnownNames(RedisJobStoreOptions.Prefix, RedisJobStoreOptions.Settings);
        services.TryAddSingleton(options);
        services.TryAddSingleton<IConnectionMultiplexer>(provider =>
        {
            var connection = ConnectionMultiplexer.Connect(options.ToConfigurationOptions());
            if (provider.GetService<ILogger<RedisConnectionLog>>() is { } logger)
            {
                RedisConnectionLog.Attach(connection, logger);
            }

            return connection;
        });
        services.AddHostedService<RedisConnecting>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(RedisHealth.Name, ActivatorUtilities.GetServiceOrCreateInstance<RedisHealth>, HealthStatus.Degraded, [Ready], HealthTimeout));
        services.AddJobSealing();
        services.TryAddSingleton<IJobStore>(provider =>
        {
            var queues = provider.GetRequiredService<IOptionsMonitor<QueueOptions>>();
            var store = new RedisJobStore(provider.GetRequiredService<IConnectionMultiplexer>(), options.Database, queues.Get);
            return provider.GetRequiredService<JobSealing>().Seal(store);
        });
        services.TryAddSingleton<ILaneInspector>(provider =>
            new RedisLaneInspector(provider.GetRequiredService<IConnectionMultiplexer>(), options.Database));
        return services;
    }
}
