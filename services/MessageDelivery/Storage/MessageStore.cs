using System.Globalization;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Stores messages and moves their status. Every move is one statement, so that no update is lost however many run at once.</summary>
internal sealed class MessageStore(MessagesDbContext database, ConversationStore conversations, AttachmentLinks attachments)
{
    /// <summary>Finds a message, with how far it came with all of its recipients.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<Message?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await database.Messages.AsNoTracking().SingleOrDefaultAsync(message => message.Id == id, cancellationToken) is { } message
            ? message.With(await CopiesAsync(id, cancellationToken))
            : null;

    /// <summary>All copies of a message, its sender's own included.</summary>
    /// <param name="id">The message.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyList<MessageCopy>> CopiesAsync(Guid id, CancellationToken cancellationToken) =>
        await database.MessageCopies.AsNoTracking().Where(copy => copy.MessageId == id).ToListAsync(cancellationToken);

    /// <summary>
    /// Stores a message unless there is one of its id; with it, in one transaction, a copy for each member of its conversation and its links to its
    /// attachments. A conversation that there is not begins with it.
    /// </summary>
    /// <param name="message">The message; its copies begin with its status.</param>
    /// <param name="notification">When its recipients are to be notified, and where; null for never.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<SavedMessage> SaveOnceAsync(Message message, PlannedNotification? notification, CancellationToken cancellationToken) =>
        database.Database.CreateExecutionStrategy().ExecuteAsync(token => SaveAsync(message, notification, token), cancellationToken);

    private async Task<SavedMessage> SaveAsync(Message message, PlannedNotification? notification, CancellationToken cancellationToken)
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
                return new SavedMessage(existing, null);
            }

            throw;
        }

        database.ChangeTracker.Clear();
        var (members, refusal) = await conversations.OpenAsync(message, cancellationToken);
        refusal ??= await attachments.LinkAsync(message, cancellationToken);
        if (refusal is not null)
        {
            await transaction.RollbackAsync(cancellationToken);
            return new SavedMessage(null, refusal);
        }

        await AddCopiesAsync(message, members, notification, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SavedMessage(null, null);
    }

    private async Task AddCopiesAsync(Message message, IReadOnlyList<Guid> members, PlannedNotification? notification, CancellationToken cancellationToken)
    {
        // By their ids, everywhere: two messages to the same members would otherwise wait for each other.
        var users = members.Order().ToArray();
        var values = string.Join(", ", users.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"({{{i}}}, 1)")));
#pragma warning disable EF1002 // Put together from places of parameters.
        var positions = await database.Inboxes
            .FromSqlRaw(
                $"INSERT INTO inboxes (user_id, last_position) VALUES {values} ON CONFLICT (user_id) DO UPDATE SET last_position = inboxes.last_position + 1 RETURNING *",
                [.. users.Cast<object>()])
            .AsNoTracking().ToDictionaryAsync(inbox => inbox.UserId, inbox => inbox.LastPosition, cancellationToken);
#pragma warning restore EF1002
        database.MessageCopies.AddRange(users.Select(user => CopyFor(message, user, positions[user], notification)));
        await database.SaveChangesAsync(cancellationToken);
        database.ChangeTracker.Clear();
    }

    private static MessageCopy CopyFor(Message message, Guid user, long position, PlannedNotification? notification)
    {
        var isOwn = user == message.SenderId && message.RecipientId != user;
        return new MessageCopy
        {
            MessageId = message.Id,
            UserId = user,
            ConversationId = message.ConversationId,
            Position = position,
            ReceivedAt = message.ReceivedAt,
            IsOwn = isOwn,
            Status = isOwn ? MessageStatus.Read : message.Status,
            SentAt = isOwn ? null : message.SentAt,
            NotifyAt = isOwn ? null : notification?.At.ToStored(),
            NotifyEmail = !isOwn && user == message.RecipientId ? notification?.Email : null,
        };
    }

    /// <summary>Moves a message's status with one of its recipients, if <see cref="MessageStatusRules"/> let it: the check and the change are one statement.</summary>
    /// <param name="id">The message's id.</param>
    /// <param name="recipientId">The recipient.</param>
    /// <param name="to">Where to.</param>
    /// <param name="at">When that happened; nothing happens to a message before it is there. Fills the times of skipped statuses too.</param>
    /// <param name="failureReason">Why it failed; for <see cref="MessageStatus.Failed"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<StatusMove> MoveAsync(
        Guid id, Guid recipientId, MessageStatus to, DateTimeOffset at, string? failureReason, CancellationToken cancellationToken)
    {
        at = at.ToStored();
        var bound = MessageStatusRules.Bound(to);
        var own = database.MessageCopies.Where(copy => copy.MessageId == id && copy.UserId == recipientId && !copy.IsOwn);
        var moved = await own.Where(copy => copy.Status < bound).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(copy => copy.Status, to);
                if (to == MessageStatus.Failed)
                {
                    set.SetProperty(copy => copy.FailureReason, failureReason);
                    SettleNotification(set);
                    return;
                }

                set.SetProperty(copy => copy.SentAt, copy => copy.SentAt ?? (at < copy.ReceivedAt ? copy.ReceivedAt : at));
                if (to >= MessageStatus.Delivered)
                {
                    set.SetProperty(copy => copy.DeliveredAt, copy => copy.DeliveredAt ?? (at < copy.ReceivedAt ? copy.ReceivedAt : at));
                    SettleNotification(set);
                }

                if (to == MessageStatus.Read)
                {
                    set.SetProperty(copy => copy.ReadAt, copy => at < (copy.DeliveredAt ?? copy.ReceivedAt) ? copy.DeliveredAt ?? copy.ReceivedAt : at);
                    set.SetProperty(copy => copy.Notice, copy => copy.Notice ?? CopyNotice.Read);
                }
            },
            cancellationToken);

        var now = await own.Join(
                database.Messages, copy => copy.MessageId, message => message.Id,
                (copy, message) => new { copy.Status, copy.SentAt, copy.DeliveredAt, copy.ReadAt, message.SenderId })
            .SingleOrDefaultAsync(cancellationToken);
        if (now is null)
        {
            return new StatusMove(StatusMoveResult.NotFound, to, default, at);
        }

        var since = to switch { MessageStatus.Sent => now.SentAt, MessageStatus.Delivered => now.DeliveredAt, MessageStatus.Read => now.ReadAt, _ => at } ?? at;
        return moved == 1
            ? new StatusMove(StatusMoveResult.Moved, to, now.SenderId, since)
            : new StatusMove(MessageStatusRules.HasReached(now.Status, to) ? StatusMoveResult.Reached : StatusMoveResult.Refused, now.Status, now.SenderId, since);
    }

    /// <summary>Notes that recipients have been notified of a message, or need not be.</summary>
    /// <param name="id">The message.</param>
    /// <param name="users">The recipients.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task SettleNotificationsAsync(Guid id, IReadOnlyCollection<Guid> users, CancellationToken cancellationToken) => database.MessageCopies
        .Where(copy => copy.MessageId == id && users.Contains(copy.UserId))
        .ExecuteUpdateAsync(SettleNotification, cancellationToken);

    private static void SettleNotification(Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<MessageCopy> set) =>
        set.SetProperty(copy => copy.NotifyAt, (DateTimeOffset?)null).SetProperty(copy => copy.NotifyEmail, (string?)null);
}

/// <summary>What came of storing a message: neither of the two when it was stored by this very call.</summary>
/// <param name="Existing">The message of this id that was there before; then nothing was changed.</param>
/// <param name="Refusal">Why it may not be sent, by field; then nothing was stored.</param>
internal sealed record SavedMessage(Message? Existing, string? Refusal);

/// <summary>That a message's recipients are to be notified unless they have it by then.</summary>
/// <param name="At">By when.</param>
/// <param name="Email">An address of the recipient that the message names; null when there is none.</param>
internal sealed record PlannedNotification(DateTimeOffset At, string? Email)
{
    /// <summary>Says when, and not where.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Notification at {At:O}");
}

/// <summary>What came of moving a message's status with a recipient.</summary>
/// <param name="Result">Whether it moved.</param>
/// <param name="Status">Where it is now; where it was to go when it was not found.</param>
/// <param name="SenderId">Whose message it is.</param>
/// <param name="At">Since when it is where it was to go.</param>
internal readonly record struct StatusMove(StatusMoveResult Result, MessageStatus Status, Guid SenderId, DateTimeOffset At);

/// <summary>Whether a message's status moved.</summary>
internal enum StatusMoveResult
{
    /// <summary>It moved, by this very call.</summary>
    Moved,

    /// <summary>It had been there already, or beyond.</summary>
    Reached,

    /// <summary>The way is closed: the message failed before, or it is to fail after it was delivered.</summary>
    Refused,

    /// <summary>There is no such message to this user.</summary>
    NotFound,
}
