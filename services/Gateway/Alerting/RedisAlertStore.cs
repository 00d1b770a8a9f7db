using StackExchange.Redis;
using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>Keeps alerts on Redis: a hash, from queue and kind to the alert's JSON.</summary>
internal sealed class RedisAlertStore(IDatabase database) : IAlertStore
{
    private static readonly RedisKey Key = "wc:alerts";

    private readonly VersionedHash<StoredAlert> _alerts =
        new(database, VersionedHash<StoredAlert>.Web, alert => alert.Version, (alert, version) => alert with { Version = version });

    public Task<IReadOnlyList<StoredAlert>> ListAsync(CancellationToken cancellationToken) => _alerts.ListAsync(Key, cancellationToken);

    public Task<StoredAlert?> FindAsync(string queue, string kind, CancellationToken cancellationToken) =>
        _alerts.FindAsync(Key, Field(queue, kind), cancellationToken);

    public Task<bool> ReplaceAsync(StoredAlert? current, StoredAlert next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        return _alerts.ReplaceAsync(Key, Field(next.Queue, next.Kind), current, next, cancellationToken);
    }

    private static RedisValue Field(string queue, string kind) => $"{queue}/{kind}";
}
