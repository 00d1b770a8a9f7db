using System.Collections.Concurrent;
using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Sidecar.Redis;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.PubSub;

/// <summary>
/// Redis Streams, exactly as daprd's pubsub.redis uses them, so that both can work on one Redis. Reading blocks its connection, so it
/// has one of its own.
/// </summary>
internal sealed class RedisStreamStore : IStreamStore
{
    // Short, so that a stopping sidecar need not wait for long; daprd blocks for readTimeout.
    private const int BlockMilliseconds = 500;

    private static readonly TimeSpan PauseOnCluster = TimeSpan.FromMilliseconds(50);

    private readonly IConnectionMultiplexer _connection;
    private readonly IConnectionMultiplexer _reading;
    private readonly RedisPubSubSettings _settings;
    private readonly bool _isCluster;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(string Topic, string Group), AcknowledgementLine> _acknowledgements = new();

    private RedisStreamStore(IConnectionMultiplexer connection, IConnectionMultiplexer reading, RedisPubSubSettings settings, bool isCluster, TimeProvider time) =>
        (_connection, _reading, _settings, _isCluster, _time) = (connection, reading, settings, isCluster, time);

    private IDatabase Database => _connection.GetDatabase();

    public static async Task<RedisStreamStore> ConnectAsync(ComponentResource component, string appId, TimeProvider time)
    {
        var connection = RedisConnectionSettings.Of(component);
        return new RedisStreamStore(
            await connection.ConnectAsync(component), await connection.ConnectAsync(component), RedisPubSubSettings.Of(component, appId), connection.Cluster, time);
    }

    public Task AppendAsync(string topic, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        if (_settings is { MaxLenApprox: 0, StreamTtl.Ticks: 0 } && metadata.Count == 0)
        {
            return Database.StreamAddAsync(topic, "data", data).WaitAsync(cancellationToken);
        }

        var arguments = new List<object>(8) { (RedisKey)topic };
        if (_settings.MaxLenApprox > 0)
        {
            arguments.AddRange(["MAXLEN", "~", _settings.MaxLenApprox]);
        }
        else if (_settings.StreamTtl > TimeSpan.Zero)
        {
            arguments.AddRange(["MINID", "~", $"{(_time.GetUtcNow() - _settings.StreamTtl).ToUnixTimeMilliseconds()}-1"]);
        }

        arguments.AddRange(["*", "data", (RedisValue)data]);
        if (metadata.Count > 0)
        {
            arguments.AddRange(["metadata", JsonSerializer.Serialize(metadata)]);
        }

        return Database.ExecuteAsync("XADD", arguments).WaitAsync(cancellationToken);
    }

    public async Task EnsureGroupAsync(string topic, string group, CancellationToken cancellationToken)
    {
        try
        {
            await Database.ExecuteAsync("XGROUP", "CREATE", (RedisKey)topic, group, "0", "MKSTREAM").WaitAsync(cancellationToken);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // It exists.
        }
    }

    public Task<IReadOnlyList<StreamEntry>> ReadAsync(IReadOnlyList<string> topics, string group, int count, CancellationToken cancellationToken) =>
        _isCluster && topics.Count > 1 ? ReadOneByOneAsync(topics, group, count, cancellationToken) : ReadAsync(topics, group, count, ["BLOCK", BlockMilliseconds], cancellationToken);

    public async Task<IReadOnlyList<StreamEntry>> ClaimAsync(string topic, string group, TimeSpan minimumIdle, int count, CancellationToken cancellationToken)
    {
        var pending = await Database.StreamPendingMessagesAsync(topic, group, count, RedisValue.Null).WaitAsync(cancellationToken);
        RedisValue[] idle = [.. pending.Where(message => message.IdleTimeInMilliseconds >= minimumIdle.TotalMilliseconds).Select(message => message.MessageId)];
        if (idle.Length == 0)
        {
            return [];
        }

        var claimed = await Database.StreamClaimAsync(topic, group, _settings.ConsumerId, (long)minimumIdle.TotalMilliseconds, idle).WaitAsync(cancellationToken);
        return [.. claimed.Where(entry => !entry.IsNull).Select(entry => new StreamEntry(
            topic,
            entry.Id!,
            (ReadOnlyMemory<byte>)entry.Values.FirstOrDefault(field => field.Name == "data").Value,
            MetadataOf(entry.Values.FirstOrDefault(field => field.Name == "metadata").Value)))];
    }

    public Task AcknowledgeAsync(string topic, string group, string id, CancellationToken cancellationToken) =>
        _acknowledgements.GetOrAdd((topic, group), static (key, store) => new AcknowledgementLine(
            ids => store.Database.StreamAcknowledgeAsync(key.Topic, key.Group, ids)), this).AddAsync(id).WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _reading.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>Streams of a cluster lie in slots of their own, and one command reads one slot only.</summary>
    private async Task<IReadOnlyList<StreamEntry>> ReadOneByOneAsync(IReadOnlyList<string> topics, string group, int count, CancellationToken cancellationToken)
    {
        var entries = (await Task.WhenAll(topics.Select(topic => ReadAsync([topic], group, count, [], cancellationToken)))).SelectMany(read => read).ToList();
        if (entries.Count == 0)
        {
            await Task.Delay(PauseOnCluster, _time, cancellationToken);
        }

        return entries;
    }

    private async Task<IReadOnlyList<StreamEntry>> ReadAsync(IReadOnlyList<string> topics, string group, int count, object[] wait, CancellationToken cancellationToken)
    {
        var arguments = new List<object>(8 + (2 * topics.Count)) { "GROUP", group, _settings.ConsumerId, "COUNT", count };
        arguments.AddRange(wait);
        arguments.Add("STREAMS");
        arguments.AddRange(topics.Select(topic => (object)(RedisKey)topic));
        arguments.AddRange(topics.Select(_ => (object)">"));
        try
        {
            var result = await _reading.GetDatabase().ExecuteAsync("XREADGROUP", arguments).WaitAsync(cancellationToken);
            return result.IsNull ? [] : [.. StreamsOf((RedisResult[])result!).SelectMany(stream => EntriesOfStream(stream.Topic, stream.Entries))];
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
        {
            // Somebody has deleted a stream or flushed the database.
            foreach (var topic in topics)
            {
                await EnsureGroupAsync(topic, group, cancellationToken);
            }

            return [];
        }
    }

    /// <summary>The streams of an answer: pairs with RESP2, a flat map with RESP3.</summary>
    private static IEnumerable<(string Topic, RedisResult Entries)> StreamsOf(RedisResult[] answer)
    {
        if (answer.Length > 0 && answer[0].Length == 2)
        {
            return answer.Select(pair => ((string)pair[0]!, pair[1]));
        }

        return answer.Chunk(2).Select(pair => ((string)pair[0]!, pair[1]));
    }

    private static IEnumerable<StreamEntry> EntriesOfStream(string topic, RedisResult entries)
    {
        foreach (var entry in (RedisResult[])entries!)
        {
            var entryParts = (RedisResult[])entry!;
            var fields = entryParts[1].IsNull ? [] : (RedisValue[])entryParts[1]!;
            ReadOnlyMemory<byte> data = default;
            var metadata = StreamEntry.NoMetadata;
            for (var i = 0; i + 1 < fields.Length; i += 2)
            {
                if (fields[i] == "data")
                {
                    data = fields[i + 1];
                }
                else if (fields[i] == "metadata")
                {
                    metadata = MetadataOf(fields[i + 1]);
                }
            }

            yield return new StreamEntry(topic, (string)entryParts[0]!, data, metadata);
        }
    }

    private static IReadOnlyDictionary<string, string> MetadataOf(RedisValue json)
    {
        try
        {
            return json.IsNullOrEmpty ? StreamEntry.NoMetadata : JsonSerializer.Deserialize<Dictionary<string, string>>((string)json!) ?? StreamEntry.NoMetadata;
        }
        catch (JsonException)
        {
            // Optional, and nobody's to rely on.
            return StreamEntry.NoMetadata;
        }
    }
}
