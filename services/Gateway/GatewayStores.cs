using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.Gateway;

/// <summary>The gateway's own stores, where the jobs are: on their Redis, or in memory beside a job store in memory.</summary>
internal static class GatewayStores
{
    public static VersionedKind<JobSchedule> Schedules { get; } = new()
    {
        KeyOf = queue => $"wc:{{{queue}}}:schedules",
        GroupOf = schedule => schedule.Queue,
        NameOf = schedule => schedule.Id,
        VersionOf = schedule => schedule.Version,
        WithVersion = (schedule, version) => schedule with { Version = version },
        Json = JobsJsonContext.Default.JobSchedule,
    };

    public static VersionedKind<UndoableRetry> Retries { get; } = new()
    {
        KeyOf = queue => $"wc:{{{queue}}}:retries",
        GroupOf = retry => retry.Queue,
        NameOf = retry => retry.Id,
        VersionOf = retry => retry.Version,
        WithVersion = (retry, version) => retry with { Version = version },
    };

    public static VersionedKind<StoredAlert> Alerts { get; } = new()
    {
        KeyOf = _ => "wc:alerts",
        GroupOf = _ => StoredAlert.Group,
        NameOf = alert => StoredAlert.NameOf(alert.Queue, alert.Kind),
        VersionOf = alert => alert.Version,
        WithVersion = (alert, version) => alert with { Version = version },
    };

    public static void AddGatewayStores(this IServiceCollection services)
    {
        services.AddVersioned(Schedules, (provider, store) => new SealedScheduleStore(store, provider.GetRequiredService<JobSealing>()));
        services.AddVersioned(Retries, (_, store) => store);
        services.AddVersioned(Alerts, (_, store) => store);
        services.AddStore<IAuditLog>((provider, redis) =>
        {
            var (chain, options, time) = (provider.GetRequiredService<AuditChain>(), provider.GetRequiredService<IOptions<AuditOptions>>(), provider.GetRequiredService<TimeProvider>());
            return redis is null ? new InMemoryAuditLog(chain, options, time) : new RedisAuditLog(redis, chain, options, time);
        });
        services.AddStore<ITrendStore>((_, redis) => redis is null ? new InMemoryTrendStore() : new RedisTrendStore(redis));
        services.AddStore<IHealthHistory>((_, redis) => redis is null ? new InMemoryHealthHistory() : new RedisHealthHistory(redis));
    }

    private static void AddVersioned<T>(this IServiceCollection services, VersionedKind<T> kind, Func<IServiceProvider, IVersionedStore<T>, IVersionedStore<T>> around)
        where T : class => services.AddStore((provider, redis) => around(provider, redis is null ? new InMemoryVersionedStore<T>(kind) : new RedisVersionedStore<T>(redis, kind)));

    private static void AddStore<TStore>(this IServiceCollection services, Func<IServiceProvider, IDatabase?, TStore> make)
        where TStore : class => services.TryAddSingleton(provider =>
            make(provider, provider.GetService<IConnectionMultiplexer>()?.GetDatabase(provider.GetRequiredService<RedisJobStoreOptions>().Database)));
}
