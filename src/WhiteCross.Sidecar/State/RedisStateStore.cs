using System.Globalization;
using StackExchange.Redis;
using WhiteCross.Sidecar.Redis;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.State;

/// <summary>
/// state.redis: the keys and fields that Dapr's component has, so that both may work on one Redis. A value is a hash with <c>data</c>,
/// <c>version</c> and, once it was written first-write, <c>first-write</c>. Documents of RedisJSON (<c>contentType=application/json</c> on a server
/// with that module) are not served: such values are stored as hashes.
/// </summary>
public sealed class RedisStateStore : IStateStore
{
    private const string Data = "data";
    private const string Version = "version";
    private const int ReplicaWaitMilliseconds = 1000;

    // KEYS[1] the key; ARGV: expected version or 0, value, 1 for first-write. A plain string in the way has no version and is replaced.
    private const string SetScript = """
        local version = redis.pcall('HGET', KEYS[1], 'version')
        if type(version) == 'table' then
          redis.call('DEL', KEYS[1])
          version = false
        end
        local first = version and redis.call('HEXISTS', KEYS[1], 'first-write') == 1
        if not version or version == '' or version == ARGV[1] or (not first and ARGV[1] == '0') then
          redis.call('HSET', KEYS[1], 'data', ARGV[2])
          if ARGV[3] == '1' then
            redis.call('HSET', KEYS[1], 'first-write', 0)
          end
          return redis.call('HINCRBY', KEYS[1], 'version', 1)
        end
        return redis.error_reply('refused')
        """;

    private const string DeleteScript = """
        local version = redis.pcall('HGET', KEYS[1], 'version')
        if not version or type(version) == 'table' or version == '' or version == ARGV[1] or ARGV[1] == '0' then
          return redis.call('DEL', KEYS[1])
        end
        return redis.error_reply('refused')
        """;

    private readonly IConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly bool _ownsConnection;
    private readonly int? _defaultTtlInSeconds;
    private readonly TimeProvider _time;

    /// <summary>A state store on a connection that others use, too.</summary>
    /// <param name="connection">The connection; not closed by this store.</param>
    /// <param name="database">The number of the database.</param>
    /// <param name="time">The clock that expiry is told by.</param>
    /// <param name="defaultTtlInSeconds">The time to live of writes that set none; null: for ever.</param>
    public RedisStateStore(IConnectionMultiplexer connection, int database, TimeProvider time, int? defaultTtlInSeconds = null)
        : this(connection, database, time, defaultTtlInSeconds, ownsConnection: false)
    {
    }

    private RedisStateStore(IConnectionMultiplexer connection, int database, TimeProvider time, int? defaultTtlInSeconds, bool ownsConnection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        (_connection, _time, _defaultTtlInSeconds, _ownsConnection) = (connection, time, defaultTtlInSeconds, ownsConnection);
        _database = connection.GetDatabase(database);
    }

    /// <summary>Connects to the Redis of a component.</summary>
    /// <param name="component">A component of the type state.redis.</param>
    /// <param name="time">The clock that expiry is told by.</param>
    /// <exception cref="ResourceException">The settings are wrong, or Redis does not answer.</exception>
    public static async Task<RedisStateStore> ConnectAsync(ComponentResource component, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(component);
        var settings = RedisConnectionSettings.Of(component);
        return new RedisStateStore(
            await settings.ConnectAsync(component), settings.Database, time, StateTtl.DefaultOf(component), ownsConnection: true);
    }

    /// <inheritdoc/>
    public async ValueTask<StateEntry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var fields = _database.HashGetAsync(key, [Data, Version]).WaitAsync(cancellationToken);
            var expiry = _database.KeyTimeToLiveAsync(key).WaitAsync(cancellationToken);
            await Task.WhenAll(fields, expiry);
            var (data, version) = ((await fields)[0], (await fields)[1]);
            if (data.IsNull)
            {
                return null;
            }

            return new StateEntry((byte[])data!, version, await expiry is { } left ? _time.GetUtcNow() + left : null);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            return await GetPlainAsync(key, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw Failed(key, "read", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(StateWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        var version = StateETag.Read(write, write.Concurrency);
        var isFirstWrite = write.Concurrency == StateConcurrency.FirstWrite;
        try
        {
            await _database.ExecuteAsync("EVAL", SetArguments(write, version, isFirstWrite)).WaitAsync(cancellationToken);
            await ExpireAsync(_database, write).WaitAsync(cancellationToken);
            if (write.Strong)
            {
                await WaitForReplicasAsync(cancellationToken);
            }
        }
        catch (RedisServerException exception) when (IsRefusal(exception))
        {
            throw StateETag.Refused(write, version != StateETag.None);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw Failed(write.Key, "written", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StateDelete delete, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delete);
        var version = StateETag.Read(delete, delete.Concurrency);
        try
        {
            await _database.ExecuteAsync("EVAL", DeleteArguments(delete, version)).WaitAsync(cancellationToken);
        }
        catch (RedisServerException exception) when (IsRefusal(exception))
        {
            throw StateETag.Refused(delete, hasETag: true);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // As Dapr's component: whatever went wrong with a delete is told as a mismatch.
            throw new StateStoreException(StateStoreFailure.ETagMismatch, $"the key '{delete.Key}' could not be deleted", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operations);
        if (operations.Count == 0)
        {
            return;
        }

        long[] versions = [.. operations.Select(operation => StateETag.Read(operation, StateConcurrency.Unspecified))];
        var transaction = _database.CreateTransaction();
        var results = new List<(string Key, Task Result)>();
        foreach (var (operation, version) in operations.Zip(versions))
        {
            switch (operation)
            {
                case StateWrite write:
                    results.Add((write.Key, transaction.ExecuteAsync("EVAL", SetArguments(write, version, isFirstWrite: false))));
                    results.Add((write.Key, ExpireAsync(transaction, write)));
                    break;
                case StateDelete delete:
                    results.Add((delete.Key, transaction.ExecuteAsync("EVAL", DeleteArguments(delete, version))));
                    break;
                default:
                    throw new ArgumentException($"{operation.GetType().Name} is neither a write nor a delete.", nameof(operations));
            }
        }

        try
        {
            await transaction.ExecuteAsync().WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new StateStoreException(StateStoreFailure.Failed, "the transaction failed", exception);
        }

        string? refused = null;
        foreach (var (key, result) in results)
        {
            try
            {
                await result.WaitAsync(cancellationToken);
            }
            catch (RedisException)
            {
                refused ??= key;
            }
        }

        if (refused is not null)
        {
            throw new StateStoreException(StateStoreFailure.Failed, $"the transaction failed at the key '{refused}'; other operations of it have happened");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ownsConnection)
        {
            await _connection.DisposeAsync();
        }
    }

    private async ValueTask<StateEntry?> GetPlainAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var value = await _database.StringGetAsync(key).WaitAsync(cancellationToken);
            return value.IsNull ? null : new StateEntry((byte[])value!, null, null);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw Failed(key, "read", exception);
        }
    }

    private static object[] SetArguments(StateWrite write, long version, bool isFirstWrite) =>
        [SetScript, 1, (RedisKey)write.Key, version.ToString(CultureInfo.InvariantCulture), write.Data, isFirstWrite ? "1" : "0"];

    private static object[] DeleteArguments(StateDelete delete, long version) =>
        [DeleteScript, 1, (RedisKey)delete.Key, version.ToString(CultureInfo.InvariantCulture)];

    private Task ExpireAsync(IDatabaseAsync database, StateWrite write) => (write.TtlInSeconds ?? _defaultTtlInSeconds) switch
    {
        null => Task.CompletedTask,
        <= 0 => database.KeyPersistAsync(write.Key),
        { } seconds => database.KeyExpireAsync(write.Key, TimeSpan.FromSeconds(seconds)),
    };

    private async Task WaitForReplicasAsync(CancellationToken cancellationToken)
    {
        var replicas = (int)(long)await _database.ExecuteAsync("WAIT", 0, 1).WaitAsync(cancellationToken);
        if (replicas > 0)
        {
            await _database.ExecuteAsync("WAIT", replicas, ReplicaWaitMilliseconds).WaitAsync(cancellationToken);
        }
    }

    private static bool IsRefusal(RedisServerException exception) => exception.Message.Contains("refused", StringComparison.Ordinal);

    private static StateStoreException Failed(string key, string done, Exception exception) =>
        new(StateStoreFailure.Failed, $"the key '{key}' could not be {done}: Redis failed", exception);
}
