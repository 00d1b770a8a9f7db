using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Watching;

namespace WhiteCross.Jobs.Redis;

/// <summary>Keeps changes of health in a Redis list.</summary>
public sealed class RedisHealthHistory : IHealthHistory
{
    private static readonly RedisKey Last = "wc:{health}:last";
    private static readonly RedisKey Changes = "wc:{health}:changes";

    private readonly IDatabase _database;

    /// <summary>Creates the history.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="database">The number of the database.</param>
    public RedisHealthHistory(IConnectionMultiplexer redis, int database)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _database = redis.GetDatabase(database);
    }

    /// <inheritdoc/>
    public async Task<bool> AddAsync(HealthChange seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(seen);
        RedisValue[] arguments =
        [
            seen.Component, seen.Status.ToString(), seen.At.ToUnixTimeMilliseconds(), JsonSerializer.SerializeToUtf8Bytes(seen, JsonSerializerOptions.Web),
            IHealthHistory.Capacity, nameof(QueueHealthStatus.Healthy),
        ];
        return (int)await RedisGuard.RunAsync(_database, QueueScript.AddHealthChange, [Last, Changes], arguments, cancellationToken) == 1;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HealthChange>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var entries = await RedisGuard.RunAsync(() => _database.ListRangeAsync(Changes, 0, limit - 1), cancellationToken);
        return [.. entries.Select(entry => JsonSerializer.Deserialize<HealthChange>(((ReadOnlyMemory<byte>)entry).Span, JsonSerializerOptions.Web)!)];
    }
}
