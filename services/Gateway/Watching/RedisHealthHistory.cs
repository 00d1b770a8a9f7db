using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Keeps changes of health in a Redis list.</summary>
internal sealed class RedisHealthHistory(IDatabase database) : IHealthHistory
{
    private static readonly RedisKey Last = "wc:{health}:last";
    private static readonly RedisKey Changes = "wc:{health}:changes";

    public async Task<bool> AddAsync(HealthChange seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(seen);
        RedisValue[] arguments =
        [
            seen.Component, seen.Status.ToString(), seen.At.ToUnixTimeMilliseconds(), JsonSerializer.SerializeToUtf8Bytes(seen, JsonSerializerOptions.Web),
            IHealthHistory.Capacity, nameof(QueueHealthStatus.Healthy),
        ];
        return (int)await RedisGuard.RunAsync(database, GatewayScripts.AddHealthChange, [Last, Changes], arguments, cancellationToken) == 1;
    }

    public async Task<IReadOnlyList<HealthChange>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var entries = await RedisGuard.RunAsync(() => database.ListRangeAsync(Changes, 0, limit - 1), cancellationToken);
        return [.. entries.Select(entry => JsonSerializer.Deserialize<HealthChange>(((ReadOnlyMemory<byte>)entry).Span, JsonSerializerOptions.Web)!)];
    }
}
