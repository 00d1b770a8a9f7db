using StackExchange.Redis;

namespace WhiteCross.MessageDelivery;

/// <summary>Raises the signal on every instance, over the Redis that they share.</summary>
internal sealed partial class RedisInboxSignal(LiveRedis redis, InboxFeeds feeds, TimeProvider time, ILogger<RedisInboxSignal> logger) : BackgroundService, IInboxSignal
{
    private static readonly RedisChannel Inboxes = RedisChannel.Literal("wc:inbox");
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits for the first subscription where Redis is there, so that an instance that has started misses nothing.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_listening.Task, Task.Delay(Pause, CancellationToken.None));
    }

    public async ValueTask RaiseAsync(Guid userId, CancellationToken cancellationToken)
    {
        feeds.Raise(userId);
        await (await redis.ConnectAsync()).GetSubscriber().PublishAsync(Inboxes, userId.ToString("D")).WaitAsync(cancellationToken);
    }

    // The driver takes the subscription up again by itself once it has been made.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!_listening.Task.IsCompleted)
        {
            try
            {
                await (await redis.ConnectAsync()).GetSubscriber().SubscribeAsync(Inboxes, (_, user) => Raise(user));
                _listening.SetResult();
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                LogRedisAway(exception.GetType().Name);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private void Raise(RedisValue user)
    {
        if (Guid.TryParseExact(user, "D", out var id))
        {
            feeds.Raise(id);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Other instances' messages are not heard of: Redis is away ({Error}).")]
    private partial void LogRedisAway(string error);
}
