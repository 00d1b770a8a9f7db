using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// What readiness says of Redis: that it may forget jobs, or is away. It takes nobody out of service: a service without Redis answers as well as it can, and
/// another one would have no Redis either.
/// </summary>
internal sealed class RedisHealth(IJobStore store, IServiceProvider services) : IHealthCheck
{
    /// <summary>The name under which it stands in <c>/readyz</c>.</summary>
    public const string Name = "job-store";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // With another store in its place there is no Redis to look at.
        if (((store as SealedJobStore)?.Inner ?? store) is not RedisJobStore || services.GetService(typeof(IConnectionMultiplexer)) is not IConnectionMultiplexer connection)
        {
            return HealthCheckResult.Healthy();
        }

        if (!connection.IsConnected)
        {
            return Degraded("redis", "It cannot be reached: nothing is added and nothing begins until it can.");
        }

        var settings = await new RedisConditions(connection, NullLogger.Instance).ReadAsync(cancellationToken);
        return settings is { IsFull: true, IsReplica: false }
            ? Degraded("memory", "It is used up (maxmemory): nothing is added until there is room. What makes room: docs/operations.md, Redis is full.")
            : settings is { MayEvict: true, IsReplica: false }
            ? Degraded("maxmemory-policy", $"{settings.EvictionPolicy}: when its memory is full Redis may evict jobs, without a word. Set it to {RedisSettings.NoEviction}.")
            : HealthCheckResult.Healthy();
    }

    private static HealthCheckResult Degraded(string what, string why) => HealthCheckResult.Degraded(data: new Dictionary<string, object> { [what] = why });
}
