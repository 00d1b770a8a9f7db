using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;
using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>The gateway's own stores, where the jobs are: on their Redis, or in memory beside a job store in memory.</summary>
internal static class GatewayStores
{
    public static void AddGatewayStores(this IServiceCollection services)
    {
        services.AddStore<IScheduleStore>(redis => new RedisScheduleStore(redis), () => new InMemoryScheduleStore());
        services.AddStore<IUndoableRetryStore>(redis => new RedisUndoableRetryStore(redis), () => new InMemoryUndoableRetryStore());
        services.AddStore<IAuditLog>(redis => new RedisAuditLog(redis), () => new InMemoryAuditLog());
        services.AddStore<IAlertStore>(redis => new RedisAlertStore(redis), () => new InMemoryAlertStore());
        services.AddStore<IHealthHistory>(redis => new RedisHealthHistory(redis), () => new InMemoryHealthHistory());
    }

    private static void AddStore<TStore>(this IServiceCollection services, Func<IDatabase, TStore> onRedis, Func<TStore> inMemory)
        where TStore : class => services.TryAddSingleton(provider => provider.GetService<IConnectionMultiplexer>() is { } redis
            ? onRedis(redis.GetDatabase(provider.GetRequiredService<RedisJobStoreOptions>().Database))
            : inMemory());
}
