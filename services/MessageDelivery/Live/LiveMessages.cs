using Microsoft.AspNetCore.SignalR;

namespace WhiteCross.MessageDelivery;

/// <summary>Reaches users' connections.</summary>
internal sealed partial class LiveMessages(IHubContext<MessageHub> hub, IPresence presence, IInboxSignal signal, ILogger<LiveMessages> logger)
{
    /// <summary>Lets a user's devices know that there is something new in the user's inbox: each gets what it has not got yet, in order.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many connections the user has.</returns>
    public async Task<int> AnnounceAsync(Guid userId, CancellationToken cancellationToken)
    {
        await signal.RaiseAsync(userId, cancellationToken);
        return await presence.CountAsync(userId, cancellationToken);
    }

    /// <summary>Pushes a notification to its user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>To how many connections it went.</returns>
    public async Task<int> PushAsync(Guid userId, LiveNotification notification, CancellationToken cancellationToken)
    {
        var connections = await presence.CountAsync(userId, cancellationToken);
        if (connections > 0)
        {
            await hub.Clients.Group(MessageHub.GroupOf(userId)).SendAsync(MessageHub.NotificationMethod, notification, cancellationToken);
        }

        return connections;
    }

    /// <summary>Tells a message's sender of its status. A receipt is a courtesy: when it cannot be sent, the message is none the worse for it.</summary>
    /// <param name="senderId">The sender.</param>
    /// <param name="status">What to tell.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task TellSenderAsync(Guid senderId, StatusEvent status, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(status);

        try
        {
            await hub.Clients.Group(MessageHub.GroupOf(senderId)).SendAsync(MessageHub.StatusMethod, status, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotTold(status.MessageId, exception.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sender of message {MessageId} could not be told of its status: {Error}.")]
    private partial void LogNotTold(Guid messageId, string error);
}
