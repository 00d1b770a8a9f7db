using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>Versioned entries on Redis: a hash for each group, from an entry's name to its JSON, which has the version in it.</summary>
internal sealed class RedisVersionedStore<T>(IDatabase database, VersionedKind<T> kind) : IVersionedStore<T>
    where T : class
{
    public async Task<IReadOnlyList<T>> ListAsync(string group, CancellationToken cancellationToken) =>
        [.. (await RedisGuard.RunAsync(() => database.HashGetAllAsync(kind.KeyOf(group)), cancellationToken)).Select(entry => TryRead(entry.Value)).OfType<T>().OrderBy(kind.NameOf, StringComparer.Ordinal)];

    public async Task<T?> FindAsync(string group, string name, CancellationToken cancellationToken) =>
        await RedisGuard.RunAsync(() => database.HashGetAsync(kind.KeyOf(group), name), cancellationToken) is { IsNull: false } value ? Read(value) : null;

    public async Task<bool> ReplaceAsync(T? current, T next, CancellationToken cancellationToken)
    {
        RedisValue[] arguments =
        [
            kind.NameOf(next), current is null ? RedisValue.EmptyString : kind.VersionOf(current), JsonSerializer.SerializeToUtf8Bytes(kind.After(current, next), kind.Json),
        ];
        return (int)await RedisGuard.RunAsync(database, GatewayScripts.Replace, [kind.KeyOf(kind.GroupOf(next))], arguments, cancellationToken) == 1;
    }

    public async Task<bool> RemoveAsync(string group, string name, CancellationToken cancellationToken) =>
        (int)await RedisGuard.RunAsync(database, GatewayScripts.Remove, [kind.KeyOf(group)], [name], cancellationToken) == 1;

    // One that somebody wrote by hand, and wrongly, must not hide all others; asked for by its name, it says what it is.
    private T? TryRead(RedisValue value)
    {
        try
        {
            return Read(value);
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            return null;
        }
    }

    private T Read(RedisValue value) =>
        JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)value).Span, kind.Json)
        ?? throw new InvalidDataException($"What is kept in Redis as a {typeof(T).Name} is none.");
}
