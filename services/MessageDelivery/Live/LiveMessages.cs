using Microsoft.AspNetCore.SignalR;

namespace WhiteCross.MessageDelivery;

/// <summary>Sends to users' connections.</summary>
public sealed partial class LiveMessages(IHubContext<MessageHub> hub, IPresence presence, ILogger<LiveMessages> logger)
{
    /// <summary>Pushes a message to its recipient.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>To how many connections it went.</returns>
    public Task<int> PushAsync(MessageView message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return PushAsync(message.RecipientId, MessageHub.MessageMethod, message, cancellationToken);
    }

    /// <summary>Pushes a notification to its user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>To how many connections it went.</returns>
    public Task<int> PushAsync(Guid userId, LiveNotification notification, CancellationToken cancellationToken) =>
        PushAsync(userId, MessageHub.NotificationMethod, notification, cancellationToken);

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

    private async Task<int> PushAsync(Guid userId, string method, object pushed, CancellationToken cancellationToken)
    {
        var connections = await presence.CountAsync(userId, cancellationToken);
        if (connections > 0)
        {
            await hub.Clients.Group(MessageHub.GroupOf(userId)).SendAsync(method, pushed, cancellationToken);
        }

        return connections;
    }

    [LoggerMessage(LogLevel.Warning, "The sender of message {MessageId} could not be told of its status: {Error}.")]
    private partial void LogNotTold(Guid messageId, string error);
}
