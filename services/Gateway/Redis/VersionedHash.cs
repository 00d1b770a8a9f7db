using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StackExchange.Redis;
using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>
/// Entries that several processes change: a hash of JSON with a version in it, in which an entry is put in the place of the one that was read and of no
/// other. Whoever loses the answer to a replacement is told, when it asks again, that something else is there, and finds its own when it reads.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="json">How an entry is written.</param>
/// <param name="versionOf">An entry's version.</param>
/// <param name="withVersion">The entry with another version.</param>
internal sealed class VersionedHash<T>(IDatabase database, JsonTypeInfo<T> json, Func<T, long> versionOf, Func<T, long, T> withVersion)
    where T : class
{
    public static JsonTypeInfo<T> Web { get; } = (JsonTypeInfo<T>)JsonSerializerOptions.Web.GetTypeInfo(typeof(T));

    public async Task<IReadOnlyList<T>> ListAsync(RedisKey key, CancellationToken cancellationToken) =>
        [.. (await RedisGuard.RunAsync(() => database.HashGetAllAsync(key), cancellationToken)).Select(entry => TryRead(entry.Value)).OfType<T>()];

    public async Task<T?> FindAsync(RedisKey key, RedisValue field, CancellationToken cancellationToken) =>
        await RedisGuard.RunAsync(() => database.HashGetAsync(key, field), cancellationToken) is { IsNull: false } value ? Read(value) : null;

    public async Task<bool> ReplaceAsync(RedisKey key, RedisValue field, T? current, T next, CancellationToken cancellationToken)
    {
        var version = current is null ? 0 : versionOf(current);
        RedisValue[] arguments =
        [
            field, current is null ? RedisValue.EmptyString : version, JsonSerializer.SerializeToUtf8Bytes(withVersion(next, version + 1), json),
        ];
        return (int)await RedisGuard.RunAsync(database, GatewayScripts.Replace, [key], arguments, cancellationToken) == 1;
    }

    public async Task<bool> RemoveAsync(RedisKey key, RedisValue field, CancellationToken cancellationToken) =>
        (int)await RedisGuard.RunAsync(database, GatewayScripts.Remove, [key], [field], cancellationToken) == 1;

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
        JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)value).Span, json)
        ?? throw new InvalidDataException($"What is kept in Redis as a {typeof(T).Name} is none.");
}
