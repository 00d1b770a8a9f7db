using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>Moves a message's status with a recipient and tells its sender when it moved: the one door for jobs and for the hub.</summary>
internal sealed class MessageStatusMover(MessageStore store, LiveMessages live)
{
    /// <summary>Moves a message's status; see <see cref="MessageStore.MoveAsync"/>. Only the call that moved it tells the sender, so a receipt comes once.</summary>
    /// <param name="messageId">The message's id.</param>
    /// <param name="recipientId">The recipient.</param>
    /// <param name="to">Where to.</param>
    /// <param name="at">When that happened.</param>
    /// <param name="failureReason">Why it failed; for <see cref="MessageStatus.Failed"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<StatusMove> MoveAsync(
        Guid messageId, Guid recipientId, MessageStatus to, DateTimeOffset at, string? failureReason = null, CancellationToken cancellationToken = default)
    {
        var move = await store.MoveAsync(messageId, recipientId, to, at, failureReason, cancellationToken);
        if (move.Result == StatusMoveResult.Moved)
        {
            await live.TellSenderAsync(move.SenderId, new StatusEvent(messageId, to, move.At, recipientId), cancellationToken);
        }

        return move;
    }

    /// <summary>Tells a message's sender that it is in its recipients' inboxes.</summary>
    /// <param name="message">The message, just stored.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task TellSentAsync(Message message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return live.TellSenderAsync(message.SenderId, new StatusEvent(message.Id, MessageStatus.Sent, message.ReceivedAt, message.RecipientId), cancellationToken);
    }
}
