using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.Gateway;

/// <summary>The gateway's own stores, where the jobs are: on their Redis, or in memory beside a job store in memory.</summary>
internal static class GatewayStores
{
    public static void AddGatewayStores(this IServiceCollection services)
    {
        services.AddStore<IScheduleStore>((provider, redis) => new SealedScheduleStore(
            redis is null ? new InMemoryScheduleStore() : new RedisScheduleStore(redis), provider.GetRequiredService<JobSealing>()));
        services.AddStore<IUndoableRetryStore>(redis => new RedisUndoableRetryStore(redis), () => new InMemoryUndoableRetryStore());
        services.TryAddSingleton<IAuditLog>(provider =>
        {
            var (chain, options, time) = (provider.GetRequiredService<AuditChain>(), provider.GetRequiredService<IOptions<AuditOptions>>(), provider.GetRequiredService<TimeProvider>());
            return provider.GetService<IConnectionMultiplexer>() is { } redis
                ? new RedisAuditLog(redis.GetDatabase(provider.GetRequiredService<RedisJobStoreOptions>().Database), chain, options, time)
                : new InMemoryAuditLog(chain, options, time);
        });
        services.AddStore<IAlertStore>(redis => new RedisAlertStore(redis), () => new InMemoryAlertStore());
        services.AddStore<IHealthHistory>(redis => new RedisHealthHistory(redis), () => new InMemoryHealthHistory());
    }

    private static void AddStore<TStore>(this IServiceCollection services, Func<IDatabase, TStore> onRedis, Func<TStore> inMemory)
        where TStore : class => services.AddStore((_, redis) => redis is null ? inMemory() : onRedis(redis));

    private static void AddStore<TStore>(this IServiceCollection services, Func<IServiceProvider, IDatabase?, TStore> make)
        where TStore : class => services.TryAddSingleton(provider =>
            make(provider, provider.GetService<IConnectionMultiplexer>()?.GetDatabase(provider.GetRequiredService<RedisJobStoreOptions>().Database)));
}
