using System.Globalization;
using System.Text.Json.Nodes;
using StackExchange.Redis;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Cli.Tests;

/// <summary>Queues that real Bull or BullMQ has made (see <c>recording/record.mjs</c>), in a database of the tests' Redis.</summary>
internal sealed class RecordedQueues : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;

    private RecordedQueues(ConnectionMultiplexer connection, IDatabase database, string address, DateTimeOffset recordedAt) =>
        (_connection, Database, Address, RecordedAt) = (connection, database, address, recordedAt);

    public IDatabase Database { get; }

    /// <summary>What <c>--redis</c> is given.</summary>
    public string Address { get; }

    /// <summary>When they were recorded: delays are told from it.</summary>
    public DateTimeOffset RecordedAt { get; }

    public static async Task<RecordedQueues> PutAsync(RedisServer redis, string library, Func<string, string>? rename = null)
    {
        var path = Path.Combine(BuiltProjects.Repository, "tests", "WhiteCross.Cli.Tests", "Bull", $"{library}.json");
        var recorded = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        var number = redis.NewDatabase();
        var connection = await redis.ConnectAsync();
        var database = connection.GetDatabase(number);
        await connection.GetServer(redis.Host, redis.Port).FlushDatabaseAsync(number);
        foreach (var (name, entry) in recorded["keys"]!.AsObject())
        {
            var (key, value) = (rename?.Invoke(name) ?? name, entry!["value"]!);
            await (entry["type"]!.GetValue<string>() switch
            {
                "string" => database.StringSetAsync(key, value.GetValue<string>()),
                "hash" => database.HashSetAsync(key, [.. value.AsObject().Select(field => new HashEntry(field.Key, field.Value!.GetValue<string>()))]),
                "list" => database.ListRightPushAsync(key, [.. value.AsArray().Select(item => (RedisValue)item!.GetValue<string>())]),
                "set" => database.SetAddAsync(key, [.. value.AsArray().Select(item => (RedisValue)item!.GetValue<string>())]),
                _ => database.SortedSetAddAsync(key, [.. value.AsArray().Select(item => new SortedSetEntry(item![0]!.GetValue<string>(), double.Parse(item[1]!.GetValue<string>(), CultureInfo.InvariantCulture)))]),
            });
        }

        return new RecordedQueues(connection, database, $"redis://{redis.EndPoint}/{number}", DateTimeOffset.FromUnixTimeMilliseconds(recorded["recordedAt"]!.GetValue<long>()));
    }

    /// <summary>All that is there, so that a change shows.</summary>
    public async Task<string> DumpAsync()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var key in _connection.GetServers()[0].KeysAsync(Database.Database))
        {
            all[key!] = await Database.KeyTypeAsync(key) switch
            {
                RedisType.String => (string)(await Database.StringGetAsync(key))!,
                RedisType.Hash => string.Join(',', (await Database.HashGetAllAsync(key)).Select(entry => $"{entry}").Order(StringComparer.Ordinal)),
                RedisType.List => string.Join(',', (await Database.ListRangeAsync(key)).Select(entry => $"{entry}")),
                RedisType.Set => string.Join(',', (await Database.SetMembersAsync(key)).Select(entry => $"{entry}").Order(StringComparer.Ordinal)),
                _ => string.Join(',', (await Database.SortedSetRangeByRankWithScoresAsync(key)).Select(entry => $"{entry}")),
            };
        }

        return string.Join('\n', all.Select(entry => $"{entry.Key}: {entry.Value}"));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
