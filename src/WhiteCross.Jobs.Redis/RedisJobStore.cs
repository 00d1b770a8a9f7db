using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// The job store on Redis 6.2 or later, alone, replicated or a cluster. Every call is one Lua script, so that it is atomic, and one round trip
/// whatever the size of its batch; only what has no bound (retry all, clean, trim) goes in slices, so that Redis serves others in between.
/// All keys of a queue begin with <c>wc:{queue}:</c>; see <c>Scripts/prelude.lua</c> for what they hold.
/// </summary>
public sealed partial class RedisJobStore : IJobStore
{
    // Jobs that one script call of an operation without a bound works on: a few milliseconds of Redis' time.
    private const int Slice = 500;

    private readonly IConnectionMultiplexer _redis;
    private readonly IDatabase _database;
    private readonly Func<string, QueueOptions> _options;
    private readonly TimeProvider? _time;
    private readonly RedisConditions _conditions;
    private readonly ConcurrentDictionary<string, QueueKeys> _keys = new(StringComparer.Ordinal);

    /// <summary>Creates the store.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="database">The number of the database.</param>
    /// <param name="options">The options of a queue, by its name.</param>
    /// <param name="timeProvider">The clock; Redis' own when left out, which is the same for all services, whatever their machines' clocks say.</param>
    public RedisJobStore(IConnectionMultiplexer redis, int database, Func<string, QueueOptions> options, TimeProvider? timeProvider = null)
    {
        _redis = redis;
        _database = redis.GetDatabase(database);
        _options = options;
        _time = timeProvider;
        _conditions = new RedisConditions(redis, NullLogger.Instance);
    }

    /// <inheritdoc/>
    public async Task<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _database.PingAsync().WaitAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is RedisException || RedisGuard.IsUnavailable(exception))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task<StoreMemory> GetMemoryAsync(CancellationToken cancellationToken) =>
        await _conditions.ReadAsync(cancellationToken) is { } settings ? new StoreMemory(settings.IsFull, settings.UsedRatio) : default;

    private ScriptArguments Arguments(string queue, int capacity = 8) =>
        new(_time is null ? RedisValue.EmptyString : _time.GetUtcNow().ToUnixTimeMilliseconds(), Keys(queue).Channel, capacity);

    private Task<RedisResult> RunAsync(
        RedisScript script, string queue, ScriptArguments arguments, CancellationToken cancellationToken, bool mayRunWhenFull = true) =>
        RedisGuard.RunAsync(_database, script, Keys(queue).Prefix, arguments.ToArray(), cancellationToken, mayRunWhenFull);

    private QueueKeys Keys(string queue) => _keys.GetOrAdd(
        queue,
        static (name, database) => new QueueKeys([$"wc:{{{name}}}:"], $"wc:{{{name}}}:changes:{database}"),
        _database.Database);

    private static readonly ReadOnlyMemory<byte> CancelledJson = ErrorJson.Write(new JobError("The job was cancelled.", Code: JobErrorCodes.Cancelled));

    /// <param name="Prefix">What all keys of the queue begin with, as the one key that scripts are given.</param>
    /// <param name="Channel">Where its changes are told. Channels are not kept apart by databases, so it names the database.</param>
    private sealed record QueueKeys(RedisKey[] Prefix, string Channel);
}
