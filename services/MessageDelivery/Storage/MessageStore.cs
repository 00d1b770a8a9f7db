using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Stores messages, moves their status, reads them. Every move is one statement, so that no update is lost however many run at once.</summary>
public sealed class MessageStore(MessagesDbContext database, ConversationStore conversations, AttachmentLinks attachments)
{
    /// <summary>Finds a message.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Message?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.Messages.AsNoTracking().SingleOrDefaultAsync(message => message.Id == id, cancellationToken);

    /// <summary>Finds a message that may be shown: none of a deleted conversation.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Message?> FindShownAsync(Guid id, CancellationToken cancellationToken) =>
        database.ShownMessages.AsNoTracking().SingleOrDefaultAsync(message => message.Id == id, cancellationToken);

    /// <summary>
    /// Stores a message unless there is one of its id; with it, in one transaction, its conversation, which is created when absent and revived when
    /// deleted, and its links to the attachments that its sender may pass on.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Null when it was stored; otherwise the message of this id that was there before, and then nothing was changed.</returns>
    public Task<Message?> SaveOnceAsync(Message message, CancellationToken cancellationToken) =>
        database.Database.CreateExecutionStrategy().ExecuteAsync(message, SaveAsync, cancellationToken);

    private async Task<Message?> SaveAsync(Message message, CancellationToken cancellationToken)
    {
        // The strategy may come here again after a lost connection.
        database.ChangeTracker.Clear();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            database.Messages.Add(message);
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            database.ChangeTracker.Clear();
            await transaction.RollbackAsync(cancellationToken);
            if (await FindAsync(message.Id, cancellationToken) is { } existing)
            {
                return existing;
            }

            throw;
        }

        database.ChangeTracker.Clear();
        await conversations.OpenAsync(
            Conversation.Between(message.ConversationId, message.SenderId, message.RecipientId, message.CreatedAt), cancellationToken);
        await attachments.LinkAsync(message, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Moves a message's status, if <see cref="MessageStatusRules"/> let it: the check and the change are one statement.</summary>
    /// <param name="id">The message's id.</param>
    /// <param name="to">Where to.</param>
    /// <param name="at">When that happened; fills the times of skipped statuses too.</param>
    /// <param name="recipientId">Moves only a message to this user; null for any.</param>
    /// <param name="failureReason">Why it failed; for <see cref="MessageStatus.Failed"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<StatusMove> MoveAsync(
        Guid id, MessageStatus to, DateTimeOffset at, Guid? recipientId = null, string? failureReason = null, CancellationToken cancellationToken = default)
    {
        at = at.ToStored();
        var bound = MessageStatusRules.Bound(to);
        var own = database.Messages.Where(message => message.Id == id && (recipientId == null || message.RecipientId == recipientId));
        var moved = await own.Where(message => message.Status < bound).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(message => message.Status, to);
                if (to == MessageStatus.Failed)
                {
                    set.SetProperty(message => message.FailureReason, failureReason);
                    return;
                }

                set.SetProperty(message => message.SentAt, message => message.SentAt ?? at);
                if (to >= MessageStatus.Delivered)
                {
                    set.SetProperty(message => message.DeliveredAt, message => message.DeliveredAt ?? at);
                }

                if (to == MessageStatus.Read)
                {
                    set.SetProperty(message => message.ReadAt, at);
                }
            },
            cancellationToken);

        var now = await own.Select(message => new { message.Status, message.SenderId }).SingleOrDefaultAsync(cancellationToken);
        return now is null ? new StatusMove(StatusMoveResult.NotFound, to, default)
            : moved == 1 ? new StatusMove(StatusMoveResult.Moved, to, now.SenderId)
            : new StatusMove(MessageStatusRules.HasReached(now.Status, to) ? StatusMoveResult.Reached : StatusMoveResult.Refused, now.Status, now.SenderId);
    }

    /// <summary>A page of messages, newest first; none of a deleted conversation.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>At most <see cref="MessageQuery.Limit"/> messages, and whether there are more.</returns>
    public async Task<(IReadOnlyList<Message> Messages, bool HasMore)> ListAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);

        var messages = database.ShownMessages.AsNoTracking();
        if (query.ConversationId is { } conversation)
        {
            messages = messages.Where(message => message.ConversationId == conversation);
        }

        if (query.InboxOf is { } recipient)
        {
            messages = messages.Where(message => message.RecipientId == recipient && message.Status >= MessageStatus.Sent && message.Status <= MessageStatus.Read);
        }

        if (query.UnreadOnly)
        {
            messages = messages.Where(message => message.Status < MessageStatus.Read);
        }

        if (query.VisibleTo is { } user)
        {
            messages = messages.Where(message => message.SenderId == user
                || (message.RecipientId == user && message.Status >= MessageStatus.Sent && message.Status <= MessageStatus.Read));
        }

        if (query.After is { } after)
        {
            messages = messages.Where(message => message.CreatedAt <= after.Time
                && (message.CreatedAt < after.Time || message.Id.CompareTo(after.Id) < 0));
        }

        var page = await messages.OrderByDescending(message => message.CreatedAt).ThenByDescending(message => message.Id)
            .Take(query.Limit + 1).ToListAsync(cancellationToken);
        var hasMore = page.Count > query.Limit;
        return (hasMore ? page[..query.Limit] : page, hasMore);
    }
}

/// <summary>Which messages to list.</summary>
/// <param name="Limit">At most so many.</param>
public sealed record MessageQuery(int Limit)
{
    /// <summary>Those of a conversation.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>Those that were sent to this user.</summary>
    public Guid? InboxOf { get; init; }

    /// <summary>Those that were not read yet.</summary>
    public bool UnreadOnly { get; init; }

    /// <summary>Those that this user may see: the user's own, and those that were sent to the user.</summary>
    public Guid? VisibleTo { get; init; }

    /// <summary>Those behind this place in the order.</summary>
    public PageCursor? After { get; init; }
}

/// <summary>What came of moving a message's status.</summary>
/// <param name="Result">Whether it moved.</param>
/// <param name="Status">Where it is now; where it was to go when it was not found.</param>
/// <param name="SenderId">Whose message it is.</param>
public readonly record struct StatusMove(StatusMoveResult Result, MessageStatus Status, Guid SenderId);

/// <summary>Whether a message's status moved.</summary>
public enum StatusMoveResult
{
    /// <summary>It moved, by this very call.</summary>
    Moved,

    /// <summary>It had been there already, or beyond.</summary>
    Reached,

    /// <summary>The way is closed: the message failed before, or it is to fail after it was delivered.</summary>
    Refused,

    /// <summary>There is no such message.</summary>
    NotFound,
}
