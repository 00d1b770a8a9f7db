using StackExchange.Redis;
using WhiteCross.Jobs.Alerting;

namespace WhiteCross.Jobs.Redis;

/// <summary>Keeps alerts on Redis: a hash, from queue and kind to the alert's JSON.</summary>
public sealed class RedisAlertStore : IAlertStore
{
    private static readonly RedisKey Key = "wc:alerts";

    private readonly VersionedHash<StoredAlert> _alerts;

    /// <summary>Creates the store.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="database">The number of the database.</param>
    public RedisAlertStore(IConnectionMultiplexer redis, int database)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _alerts = new(redis.GetDatabase(database), VersionedHash<StoredAlert>.Web, alert => alert.Version, (alert, version) => alert with { Version = version });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAlert>> ListAsync(CancellationToken cancellationToken) => _alerts.ListAsync(Key, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredAlert?> FindAsync(string queue, string kind, CancellationToken cancellationToken) =>
        _alerts.FindAsync(Key, Field(queue, kind), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(StoredAlert? current, StoredAlert next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        return _alerts.ReplaceAsync(Key, Field(next.Queue, next.Kind), current, next, cancellationToken);
    }

    private static RedisValue Field(string queue, string kind) => $"{queue}/{kind}";
}
