using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Alerting;

namespace WhiteCross.Jobs.Redis;

/// <summary>Keeps alerts on Redis: a hash, from queue and kind to the alert's JSON.</summary>
public sealed class RedisAlertStore : IAlertStore
{
    private static readonly RedisKey Key = "wc:alerts";

    private readonly IDatabase _database;

    /// <summary>Creates the store.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="database">The number of the database.</param>
    public RedisAlertStore(IConnectionMultiplexer redis, int database)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _database = redis.GetDatabase(database);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredAlert>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await RedisGuard.RunAsync(() => _database.HashGetAllAsync(Key), cancellationToken)).Select(entry => Read(entry.Value))];

    /// <inheritdoc/>
    public async Task<StoredAlert?> FindAsync(string queue, string kind, CancellationToken cancellationToken) =>
        await RedisGuard.RunAsync(() => _database.HashGetAsync(Key, Field(queue, kind)), cancellationToken) is { IsNull: false } value ? Read(value) : null;

    /// <inheritdoc/>
    public async Task<bool> ReplaceAsync(StoredAlert? current, StoredAlert next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        var json = JsonSerializer.SerializeToUtf8Bytes(next with { Version = (current?.Version ?? 0) + 1 }, JsonSerializerOptions.Web);
        return (int)await RedisGuard.RunAsync(
            _database, QueueScript.Replace, [Key], [Field(next.Queue, next.Kind), current?.Version ?? RedisValue.EmptyString, json], cancellationToken) == 1;
    }

    private static RedisValue Field(string queue, string kind) => $"{queue}/{kind}";

    private static StoredAlert Read(RedisValue value) =>
        JsonSerializer.Deserialize<StoredAlert>(((ReadOnlyMemory<byte>)value).Span, JsonSerializerOptions.Web)
        ?? throw new InvalidDataException("An alert in Redis is no alert.");
}
