using Microsoft.Extensions.Options;
using StackExchange.Redis;
using System.Collections.Concurrent;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Presence over all instances: per user a sorted set of connections, each with the time until which it counts. Every instance renews its own, so that the
/// connections of one that died run out. The times are Redis' own: the instances' clocks do not matter.
/// </summary>
internal sealed partial class RedisPresence(LiveRedis redis, IOptions<LiveOptions> options, TimeProvider time, ILogger<RedisPresence> logger)
    : PeriodicService(options.Value.PresenceLease / 3, time), IPresence
{
    private const string Renew = """
        local now = redis.call('TIME')[1]
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[2])
        redis.call('EXPIRE', KEYS[1], ARGV[1] * 2)
        """;

    private const string Count = "return redis.call('ZCOUNT', KEYS[1], '(' .. redis.call('TIME')[1], '+inf')";

    private readonly ConcurrentDictionary<string, Guid> _own = new();

    public async ValueTask OpenedAsync(Guid userId, string connectionId, CancellationToken cancellationToken)
    {
        _own[connectionId] = userId;
        try
        {
            await RenewAsync(userId, connectionId);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // The connection is worth having all the same; the next renewal makes it known.
            LogRedisAway(exception.GetType().Name);
        }
    }

    public async ValueTask ClosedAsync(Guid userId, string connectionId, CancellationToken cancellationToken)
    {
        _own.TryRemove(connectionId, out _);
        try
        {
            await (await DatabaseAsync()).SortedSetRemoveAsync(KeyOf(userId), connectionId);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // It runs out by itself.
            LogRedisAway(exception.GetType().Name);
        }
    }

    public async ValueTask<int> CountAsync(Guid userId, CancellationToken cancellationToken) =>
        (int)await (await DatabaseAsync()).ScriptEvaluateAsync(Count, [KeyOf(userId)]).WaitAsync(cancellationToken);

    protected override bool WaitsFirst => true;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var some in _own.Chunk(500))
        {
            await Task.WhenAll(some.Select(own => RenewAsync(own.Value, own.Key)));
        }
    }

    protected override void Failed(string what, Exception exception) => LogRedisAway(exception.GetType().Name);

    private static RedisKey KeyOf(Guid userId) => $"wc:presence:{{{userId:D}}}";

    private async Task RenewAsync(Guid userId, string connectionId) =>
        await (await DatabaseAsync()).ScriptEvaluateAsync(Renew, [KeyOf(userId)], [(long)Math.Ceiling(options.Value.PresenceLease.TotalSeconds), connectionId]);

    private async Task<IDatabase> DatabaseAsync() => (await redis.ConnectAsync()).GetDatabase();

    [LoggerMessage(LogLevel.Warning, "Presence could not be kept: Redis is away ({Error}). Users count as present or away as they last did, until their lease ends.")]
    private partial void LogRedisAway(string error);
}
