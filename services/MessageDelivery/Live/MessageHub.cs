using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.SignalR;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Where users' devices connect: <c>/hubs/messages</c>. Clients listen to <c>message</c> (a <see cref="MessageView"/>), <c>status</c> (a
/// <see cref="StatusEvent"/>, to the sender) and <c>notification</c> (a <see cref="LiveNotification"/>), and call <see cref="Acknowledge"/>,
/// <see cref="MarkRead"/> and <see cref="Heartbeat"/>. A client that comes back connects with <c>?after=</c> and the position of the last message it has, or
/// with <c>?after=resume</c> and calls <see cref="Resume"/>: it gets what it missed and then what is new, in order, each once.
/// </summary>
internal sealed class MessageHub(MessageStatusMover mover, IPresence presence, InboxFeeds feeds, LastSeen lastSeen, TimeProvider time) : Hub
{
    /// <summary>The hub's path.</summary>
    public const string Path = "/hubs/messages";

    /// <summary>What a client listens to for messages.</summary>
    public const string MessageMethod = "message";

    /// <summary>What a client listens to for the status of messages that its user sent.</summary>
    public const string StatusMethod = "status";

    /// <summary>What a client listens to for notifications.</summary>
    public const string NotificationMethod = "notification";

    /// <summary>Under which a request of the hub's has, among its items, when it came.</summary>
    internal static readonly object BeganKey = new();

    private static readonly object UserKey = new();

    /// <summary>The group of all connections of a user.</summary>
    /// <param name="userId">The user.</param>
    public static string GroupOf(Guid userId) => $"user:{userId:D}";

    /// <summary>The recipient's device has the message.</summary>
    /// <param name="messageId">The message's id.</param>
    /// <returns>The message's status now.</returns>
    public Task<MessageStatus> Acknowledge(string messageId) => MoveAsync(messageId, MessageStatus.Delivered);

    /// <summary>The recipient has read the message.</summary>
    /// <param name="messageId">The message's id.</param>
    /// <returns>The message's status now.</returns>
    public Task<MessageStatus> MarkRead(string messageId) => MoveAsync(messageId, MessageStatus.Read);

    /// <summary>Begins to send messages to a connection that was opened with <c>?after=resume</c>.</summary>
    /// <param name="position">The position of the last message that the device has; null for what is new from now on.</param>
    public Task Resume(long? position) => Context.Items[UserKey] is not Guid user ? throw NoUser()
        : position < 0 ? throw new HubException("position: must be the position of a message, from 0 on.")
        : feeds.OpenAsync(user, Context.ConnectionId, position, time.GetUtcNow(), Context.ConnectionAborted);

    /// <summary>The user is there: what an app says while it is in the foreground. Also has what may have been missed looked for.</summary>
    public async Task Heartbeat()
    {
        if (Context.Items[UserKey] is Guid user)
        {
            feeds.Raise(user);
            await lastSeen.NoteAsync(user, Context.ConnectionAborted);
        }
    }

    /// <inheritdoc/>
    public override async Task OnConnectedAsync()
    {
        if (!TryFindUser(out var user))
        {
            Context.Abort();
            return;
        }

        try
        {
            // The group and the feed first: whoever is counted as present receives what is pushed.
            await Groups.AddToGroupAsync(Context.ConnectionId, GroupOf(user), Context.ConnectionAborted);
            var start = InboxStart.Read(QueryInput.Of(Context.GetHttpContext()!));
            if (!start.IsLater)
            {
                await feeds.OpenAsync(user, Context.ConnectionId, start.Position, BeganAt(), Context.ConnectionAborted);
            }

            Context.Items[UserKey] = user;
            await presence.OpenedAsync(user, Context.ConnectionId, Context.ConnectionAborted);
            await lastSeen.NoteAsync(user, Context.ConnectionAborted);
        }
        catch
        {
            // One that is gone again before it is all the way there: nobody is told of its end, and it would count as present for good.
            feeds.Close(user, Context.ConnectionId);
            if (Context.Items.Remove(UserKey))
            {
                await presence.ClosedAsync(user, Context.ConnectionId, CancellationToken.None);
            }

            throw;
        }

        await base.OnConnectedAsync();
    }

    /// <inheritdoc/>
    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items[UserKey] is Guid user)
        {
            feeds.Close(user, Context.ConnectionId);
            await presence.ClosedAsync(user, Context.ConnectionId, CancellationToken.None);
            await lastSeen.NoteAsync(user, CancellationToken.None);
        }

        await base.OnDisconnectedAsync(exception);
    }

    private async Task<MessageStatus> MoveAsync(string messageId, MessageStatus to)
    {
        if (!Guid.TryParseExact(messageId, "D", out var id))
        {
            throw new HubException("messageId: must be a uuid.");
        }

        if (Context.Items[UserKey] is not Guid user)
        {
            throw NoUser();
        }

        var move = await mover.MoveAsync(id, user, to, time.GetUtcNow(), cancellationToken: Context.ConnectionAborted);
        return move.Result switch
        {
            // One answer for what does not exist and for what was sent to others: it gives nothing away.
            StatusMoveResult.NotFound => throw new HubException("messageId: no message of this id was sent to you."),
            StatusMoveResult.Refused => throw new HubException("messageId: the message has failed; its status does not change any more."),
            _ => move.Status,
        };
    }

    private DateTimeOffset BeganAt() => Context.GetHttpContext()!.Items[BeganKey] as DateTimeOffset? ?? time.GetUtcNow();

    private static HubException NoUser() => new("The connection belongs to no user; connect again.");

    private bool TryFindUser([NotNullWhen(true)] out Guid user)
    {
        user = default;
        if (Context.GetHttpContext() is { } context && UserAuthentication.FindUser(context).UserId is { } id)
        {
            user = id;
            return true;
        }

        return false;
    }
}
