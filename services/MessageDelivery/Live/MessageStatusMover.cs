using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Moves a message's status and tells its sender when it moved: the one door for jobs and for the hub.</summary>
public sealed class MessageStatusMover(MessageStore store, LiveMessages live)
{
    /// <summary>Moves a message's status; see <see cref="MessageStore.MoveAsync"/>. Only the call that moved it tells the sender, so a receipt comes once.</summary>
    /// <param name="messageId">The message's id.</param>
    /// <param name="to">Where to.</param>
    /// <param name="at">When that happened.</param>
    /// <param name="recipientId">Moves only a message to this user; null for any.</param>
    /// <param name="failureReason">Why it failed; for <see cref="MessageStatus.Failed"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<StatusMove> MoveAsync(
        Guid messageId, MessageStatus to, DateTimeOffset at, Guid? recipientId = null, string? failureReason = null, CancellationToken cancellationToken = default)
    {
        var move = await store.MoveAsync(messageId, to, at, recipientId, failureReason, cancellationToken);
        if (move.Result == StatusMoveResult.Moved)
        {
            await live.TellSenderAsync(move.SenderId, new StatusEvent(messageId, to, at.ToStored()), cancellationToken);
        }

        return move;
    }
}
