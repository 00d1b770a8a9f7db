using StackExchange.Redis;
using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>Keeps retries that can be undone on Redis: a hash for each queue, from a retry's id to its JSON.</summary>
internal sealed class RedisUndoableRetryStore(IDatabase database) : IUndoableRetryStore
{
    private readonly VersionedHash<UndoableRetry> _retries =
        new(database, VersionedHash<UndoableRetry>.Web, retry => retry.Version, (retry, version) => retry with { Version = version });

    public async Task<IReadOnlyList<UndoableRetry>> ListAsync(string queue, CancellationToken cancellationToken) =>
        [.. (await _retries.ListAsync(Key(queue), cancellationToken)).OrderBy(retry => retry.Id, StringComparer.Ordinal)];

    public Task<UndoableRetry?> FindAsync(string queue, string id, CancellationToken cancellationToken) => _retries.FindAsync(Key(queue), id, cancellationToken);

    public Task<bool> ReplaceAsync(UndoableRetry? current, UndoableRetry next, CancellationToken cancellationToken) =>
        _retries.ReplaceAsync(Key(next.Queue), next.Id, current, next, cancellationToken);

    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) => _retries.RemoveAsync(Key(queue), id, cancellationToken);

    private static RedisKey Key(string queue) => $"wc:{{{queue}}}:retries";
}
