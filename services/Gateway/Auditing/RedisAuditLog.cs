using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>Keeps what operators did in a Redis stream.</summary>
internal sealed class RedisAuditLog(IDatabase database) : IAuditLog
{
    private static readonly RedisKey Key = "wc:audit";
    private static readonly RedisValue Field = "entry";

    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) => RedisGuard.RunAsync(
        database, GatewayScripts.AddAudit, [Key], [JsonSerializer.SerializeToUtf8Bytes(entry, JsonSerializerOptions.Web), IAuditLog.Capacity], cancellationToken);

    public async Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var entries = await RedisGuard.RunAsync(() => database.StreamRangeAsync(Key, count: limit, messageOrder: Order.Descending), cancellationToken);
        return [.. entries.Select(entry => JsonSerializer.Deserialize<AuditEntry>(((ReadOnlyMemory<byte>)entry[Field]).Span, JsonSerializerOptions.Web)!)];
    }
}
