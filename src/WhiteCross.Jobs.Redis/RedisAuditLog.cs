using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Auditing;

namespace WhiteCross.Jobs.Redis;

/// <summary>Keeps what operators did in a Redis stream.</summary>
public sealed class RedisAuditLog : IAuditLog
{
    private static readonly RedisKey Key = "wc:audit";
    private static readonly RedisValue Field = "entry";

    private readonly IDatabase _database;

    /// <summary>Creates the log.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="database">The number of the database.</param>
    public RedisAuditLog(IConnectionMultiplexer redis, int database)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _database = redis.GetDatabase(database);
    }

    /// <inheritdoc/>
    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) => RedisGuard.RunAsync(
        _database, QueueScript.AddAudit, [Key], [JsonSerializer.SerializeToUtf8Bytes(entry, JsonSerializerOptions.Web), IAuditLog.Capacity], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var entries = await RedisGuard.RunAsync(() => _database.StreamRangeAsync(Key, count: limit, messageOrder: Order.Descending), cancellationToken);
        return [.. entries.Select(entry => JsonSerializer.Deserialize<AuditEntry>(((ReadOnlyMemory<byte>)entry[Field]).Span, JsonSerializerOptions.Web)!)];
    }
}
