using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;

namespace WhiteCross.MessageDelivery;

/// <summary>Lets whoever serves a user's connections know that there is something new in the user's inbox.</summary>
internal interface IInboxSignal
{
    /// <summary>Raises the signal. It may be raised for nothing; what it announces is committed.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask RaiseAsync(Guid userId, CancellationToken cancellationToken);
}

/// <summary>
/// Feeds each connection from its user's inbox: it reads on from the connection's own position whenever something is announced, so that every connection gets
/// every message once and in order, from where it was when it lost its network. A connection that takes nothing holds up nobody but itself.
/// </summary>
internal sealed partial class InboxFeeds(IServiceScopeFactory scopes, IHubContext<MessageHub> hub, ILogger<InboxFeeds> logger) : IInboxSignal
{
    private const int PageSize = 100;

    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<string, Channel<bool>>> _feeds = new();

    /// <summary>Begins to feed a connection.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="connectionId">The connection.</param>
    /// <param name="after">The position up to which the device has everything; null for whatever has come since it began to connect.</param>
    /// <param name="since">When it began to connect: a client that is told that it is connected misses nothing from then on, though its feed opens later.</param>
    /// <param name="aborted">Ends the feed.</param>
    public async Task OpenAsync(Guid userId, string connectionId, long? after, DateTimeOffset since, CancellationToken aborted)
    {
        long last;
        await using (var scope = scopes.CreateAsyncScope())
        {
            last = await scope.ServiceProvider.GetRequiredService<MessageReader>().LastPositionAsync(userId, since, aborted);
        }

        // Only one signal has to be kept: whatever it announces, the feed reads all that there is.
        var signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        signal.Writer.TryWrite(true);
        if (!_feeds.GetOrAdd(userId, _ => new()).TryAdd(connectionId, signal))
        {
            return; // It is fed already: a second position could only bring doubles.
        }

        _ = FeedAsync(userId, connectionId, Math.Min(after ?? last, last), signal.Reader, aborted);
    }

    /// <summary>Ends the feed of a connection.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="connectionId">The connection.</param>
    public void Close(Guid userId, string connectionId)
    {
        if (_feeds.TryGetValue(userId, out var own) && own.TryRemove(connectionId, out var signal))
        {
            signal.Writer.TryComplete();
            if (own.IsEmpty && ((ICollection<KeyValuePair<Guid, ConcurrentDictionary<string, Channel<bool>>>>)_feeds).Remove(new(userId, own)))
            {
                // One that has opened meanwhile is put back.
                foreach (var (id, feed) in own)
                {
                    _feeds.GetOrAdd(userId, _ => new())[id] = feed;
                }
            }
        }
    }

    /// <summary>Lets this process's connections of a user read on.</summary>
    /// <param name="userId">The user.</param>
    public void Raise(Guid userId)
    {
        if (_feeds.TryGetValue(userId, out var own))
        {
            foreach (var signal in own.Values)
            {
                signal.Writer.TryWrite(true);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask RaiseAsync(Guid userId, CancellationToken cancellationToken)
    {
        Raise(userId);
        return ValueTask.CompletedTask;
    }

    private async Task FeedAsync(Guid userId, string connectionId, long position, ChannelReader<bool> signals, CancellationToken aborted)
    {
#pragma warning disable CA1031 // The next signal tries again from the same position.
        try
        {
            while (await signals.WaitToReadAsync(aborted))
            {
                signals.TryRead(out _);
                try
                {
                    position = await ReadOnAsync(userId, connectionId, position, aborted);
                }
                catch (Exception exception) when (!aborted.IsCancellationRequested)
                {
                    LogFeedFailed(exception.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            Close(userId, connectionId);
        }
#pragma warning restore CA1031
    }

    private async Task<long> ReadOnAsync(Guid userId, string connectionId, long position, CancellationToken aborted)
    {
        while (true)
        {
            IReadOnlyList<ReadMessage> page;
            await using (var scope = scopes.CreateAsyncScope())
            {
                page = await scope.ServiceProvider.GetRequiredService<MessageReader>().ListAfterAsync(userId, position, PageSize, aborted);
            }

            foreach (var message in page)
            {
                await hub.Clients.Client(connectionId).SendAsync(MessageHub.MessageMethod, MessageView.Of(message), aborted);
                position = message.Position!.Value;
            }

            if (page.Count < PageSize)
            {
                return position;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "A connection could not be given its messages ({Error}); it gets them with the next one, or when it connects again.")]
    private partial void LogFeedFailed(string error);
}
