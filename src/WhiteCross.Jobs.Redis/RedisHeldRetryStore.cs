using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Retrying;

namespace WhiteCross.Jobs.Redis;

/// <summary>Keeps held retries on Redis: a hash for each queue, from a retry's id to its JSON.</summary>
internal sealed class RedisHeldRetryStore(IDatabase database) : IHeldRetryStore
{
    public async Task<IReadOnlyList<HeldRetry>> ListAsync(string queue, CancellationToken cancellationToken)
    {
        var entries = await RedisGuard.RunAsync(() => database.HashGetAllAsync(Key(queue)), cancellationToken);
        return [.. entries.Select(entry => Read(entry.Value)).OrderBy(retry => retry.Id, StringComparer.Ordinal)];
    }

    public async Task<HeldRetry?> FindAsync(string queue, string id, CancellationToken cancellationToken) =>
        await RedisGuard.RunAsync(() => database.HashGetAsync(Key(queue), id), cancellationToken) is { IsNull: false } value ? Read(value) : null;

    public async Task<bool> ReplaceAsync(HeldRetry? current, HeldRetry next, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(next with { Version = (current?.Version ?? 0) + 1 }, JsonSerializerOptions.Web);
        return (int)await RedisGuard.RunAsync(
            database, QueueScript.Replace, [Key(next.Queue)], [next.Id, current?.Version ?? RedisValue.EmptyString, json], cancellationToken) == 1;
    }

    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) =>
        RedisGuard.RunAsync(() => database.HashDeleteAsync(Key(queue), id), cancellationToken);

    private static RedisKey Key(string queue) => $"wc:{{{queue}}}:retries";

    private static HeldRetry Read(RedisValue value) =>
        JsonSerializer.Deserialize<HeldRetry>(((ReadOnlyMemory<byte>)value).Span, JsonSerializerOptions.Web)
        ?? throw new InvalidDataException("A held retry in Redis is no held retry.");
}
