using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Moves a message's status as others report it: another channel, another service. What comes late or twice changes nothing.</summary>
internal sealed class DeliveryConfirmationHandler(MessageStatusMover mover, TimeProvider time) : IJobHandler<DeliveryConfirmationJob>
{
    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<DeliveryConfirmationJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);

        var data = job.Data;
        var now = time.GetUtcNow();
        var at = data.Status switch
        {
            MessageStatus.Delivered => data.DeliveredAt ?? now,
            MessageStatus.Read => data.ReadAt ?? now,
            _ => now,
        };

        if (data.Status == MessageStatus.Read && data.DeliveredAt is { } deliveredAt)
        {
            // Both at once: each keeps its own time.
            await mover.MoveAsync(data.MessageId, data.RecipientId, MessageStatus.Delivered, Timestamps.Earlier(deliveredAt, now), cancellationToken: cancellationToken);
        }

        var reason = data.FailureReason?.Replace('\0', ' ');
        var move = await mover.MoveAsync(data.MessageId, data.RecipientId, data.Status, Timestamps.Earlier(at, now), reason, cancellationToken);
        return move.Result switch
        {
            // The confirmation may have overtaken the message: another attempt may find it.
            StatusMoveResult.NotFound => new JobOutcome.Retry("messageId: there is no message of this id to this recipient yet."),
            _ => new JobOutcome.Completed(new DeliveryConfirmationResult(data.MessageId, move.Status, move.Result == StatusMoveResult.Moved)),
        };
    }
}

/// <summary>What is kept of a confirmation in its job's record.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Status">Its status now.</param>
/// <param name="Changed">Whether this confirmation changed it.</param>
internal sealed record DeliveryConfirmationResult(Guid MessageId, MessageStatus Status, bool Changed) : IJobResult<DeliveryConfirmationJob>;
