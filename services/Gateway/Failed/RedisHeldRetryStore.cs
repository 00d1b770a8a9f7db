using StackExchange.Redis;
using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>Keeps held retries on Redis: a hash for each queue, from a retry's id to its JSON.</summary>
internal sealed class RedisHeldRetryStore(IDatabase database) : IHeldRetryStore
{
    private readonly VersionedHash<HeldRetry> _retries =
        new(database, VersionedHash<HeldRetry>.Web, retry => retry.Version, (retry, version) => retry with { Version = version });

    public async Task<IReadOnlyList<HeldRetry>> ListAsync(string queue, CancellationToken cancellationToken) =>
        [.. (await _retries.ListAsync(Key(queue), cancellationToken)).OrderBy(retry => retry.Id, StringComparer.Ordinal)];

    public Task<HeldRetry?> FindAsync(string queue, string id, CancellationToken cancellationToken) => _retries.FindAsync(Key(queue), id, cancellationToken);

    public Task<bool> ReplaceAsync(HeldRetry? current, HeldRetry next, CancellationToken cancellationToken) =>
        _retries.ReplaceAsync(Key(next.Queue), next.Id, current, next, cancellationToken);

    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) => _retries.RemoveAsync(Key(queue), id, cancellationToken);

    private static RedisKey Key(string queue) => $"wc:{{{queue}}}:retries";
}
