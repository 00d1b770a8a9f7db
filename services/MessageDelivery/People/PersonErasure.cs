using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Removes what this service has of one person, a page at a time. What the person wrote goes, and what was written to nobody else; of what somebody wrote to
/// others too, only the person's copy goes. What is under a legal hold stays. Every call can be repeated: what is gone is gone.
/// </summary>
internal sealed class PersonErasure(MessagesDbContext database, ConversationChanges changes, IAttachmentStore store, TimeProvider time)
{
    // A page ends with what it got done in this time, before its caller gives up.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    public Task<bool> IsHeldAsync(Guid user, CancellationToken cancellationToken) => database.LegalHolds.AnyAsync(hold => hold.UserId == user, cancellationToken);

    /// <summary>How much there is.</summary>
    public async Task<PersonCounts> CountAsync(Guid user, CancellationToken cancellationToken)
    {
        // From the person's copies to their messages: the other way round every message there is would be looked at.
        var messages = database.MessageCopies.Where(copy => copy.UserId == user).Join(database.Messages, copy => copy.MessageId, message => message.Id, (_, message) => message);
        var all = await messages.LongCountAsync(cancellationToken);
        var free = await Going(messages.ExceptHeld(database), user).LongCountAsync(cancellationToken);
        var attachments = database.Attachments.Where(attachment => attachment.UploaderId == user);
        var freeAttachments = await attachments.ExceptHeld(database).LongCountAsync(cancellationToken);
        var freeCopies = await messages.ExceptHeld(database).LongCountAsync(cancellationToken) - free;
        return new PersonCounts(
            await IsHeldAsync(user, cancellationToken),
            free,
            freeCopies,
            freeAttachments,
            await database.ConversationMembers.LongCountAsync(member => member.UserId == user, cancellationToken),
            all - free - freeCopies + await attachments.LongCountAsync(cancellationToken) - freeAttachments);
    }

    /// <summary>The messages of a page, by the person's inbox, which has a copy of each.</summary>
    public async Task<ErasedPage> MessagesAsync(Guid user, long after, int size, bool dryRun, CancellationToken cancellationToken)
    {
        var page = await database.MessageCopies.AsNoTracking().Where(copy => copy.UserId == user && copy.Position > after).OrderBy(copy => copy.Position).Take(size)
            .Select(copy => new { copy.MessageId, copy.Position }).ToListAsync(cancellationToken);
        long? next = page.Count == size ? page[^1].Position : null;
        var ids = page.Select(copy => copy.MessageId).ToArray();
        var free = database.Messages.Where(message => EF.Parameter(ids).Contains(message.Id)).ExceptHeld(database);
        var all = await free.Select(message => message.Id).ToArrayAsync(cancellationToken);
        var going = await Going(free, user).Select(message => message.Id).ToArrayAsync(cancellationToken);
        if (dryRun)
        {
            return new ErasedPage(going, 0, 0, ids.Length - all.Length, next);
        }

        var staying = all.Except(going).ToArray();
        var (erased, copies) = await database.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                await using var transaction = await database.Database.BeginTransactionAsync(token);
                var erased = await database.Messages.Where(message => EF.Parameter(going).Contains(message.Id)).ExceptHeld(database).ExecuteDeleteAsync(token);
                var copies = await database.MessageCopies.Where(copy => copy.UserId == user && EF.Parameter(staying).Contains(copy.MessageId)).ExecuteDeleteAsync(token);
                await database.Messages.Where(message => message.RecipientId == user && EF.Parameter(staying).Contains(message.Id))
                    .ExecuteUpdateAsync(set => set.SetProperty(message => message.RecipientId, (Guid?)null), token);
                await transaction.CommitAsync(token);
                return (erased, copies);
            },
            cancellationToken);
        return new ErasedPage(going, erased, copies, ids.Length - all.Length, next);
    }

    /// <summary>The attachments that the person uploaded: the content before its row, so that what breaks off in between is found again.</summary>
    public async Task<ErasedRows> AttachmentsAsync(Guid user, Guid after, int size, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var page = await database.Attachments.AsNoTracking().Where(attachment => attachment.UploaderId == user && attachment.Id.CompareTo(after) > 0)
            .OrderBy(attachment => attachment.Id).Take(size).Select(attachment => attachment.Id).ToListAsync(cancellationToken);
        var (erased, held, last) = (0, 0, after);
        foreach (var id in page)
        {
            if (erased + held > 0 && time.GetElapsedTime(started) > MaxTime)
            {
                return new ErasedRows(erased, held, last);
            }

            if (await database.Attachments.Where(attachment => attachment.Id == id).ExceptHeld(database).AnyAsync(cancellationToken))
            {
                await store.DeleteAsync(id, cancellationToken);
                erased += await database.Attachments.Where(attachment => attachment.Id == id).ExecuteDeleteAsync(cancellationToken);
            }
            else
            {
                held++;
            }

            last = id;
        }

        return new ErasedRows(erased, held, page.Count == size ? last : null);
    }

    /// <summary>
    /// That the person is a member of conversations, or was; at the end, when the person was last seen. One that the person was the last of, or in which only one is left and nothing is
    /// said any more, goes with it.
    /// </summary>
    public async Task<ErasedRows> MembershipsAsync(Guid user, Guid after, int size, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var page = await database.ConversationMembers.AsNoTracking().Where(member => member.UserId == user && member.ConversationId.CompareTo(after) > 0)
            .OrderBy(member => member.ConversationId).Take(size).Select(member => member.ConversationId).ToListAsync(cancellationToken);
        var (erased, held, last) = (0, 0, after);
        foreach (var id in page)
        {
            if (erased + held > 0 && time.GetElapsedTime(started) > MaxTime)
            {
                return new ErasedRows(erased, held, last);
            }

            if (await database.Conversations.Where(conversation => conversation.Id == id).ExceptHeld(database).AnyAsync(cancellationToken))
            {
                // Leaving hands over what the person owned.
                await changes.RemoveAsync(id, user, user, time.GetUtcNow(), cancellationToken);
                erased += await database.ConversationMembers.Where(member => member.ConversationId == id && member.UserId == user).ExecuteDeleteAsync(cancellationToken);
                await database.Conversations.Where(conversation => conversation.Id == id
                        && !database.Messages.Any(message => message.ConversationId == id)
                        && database.ConversationMembers.Count(member => member.ConversationId == id && member.LeftAt == null) < 2)
                    .ExecuteDeleteAsync(cancellationToken);
            }
            else
            {
                held++;
            }

            last = id;
        }

        if (page.Count == size)
        {
            return new ErasedRows(erased, held, last);
        }

        await ForgetInboxAsync(user, cancellationToken);
        return new ErasedRows(erased, held, null);
    }

    // While there are copies, held ones, the inbox must go on counting: a position is given once.
    private Task ForgetInboxAsync(Guid user, CancellationToken cancellationToken) => database.Database.CreateExecutionStrategy().ExecuteAsync(
        async token =>
        {
            await using var transaction = await database.Database.BeginTransactionAsync(token);

            // Locks the row: a message that is being stored has given its position before, or begins anew after.
            await database.Inboxes.Where(inbox => inbox.UserId == user).ExecuteUpdateAsync(set => set.SetProperty(inbox => inbox.LastSeenAt, (DateTimeOffset?)null), token);
            await database.Inboxes.Where(inbox => inbox.UserId == user && !database.MessageCopies.Any(copy => copy.UserId == user)).ExecuteDeleteAsync(token);
            await transaction.CommitAsync(token);
        },
        cancellationToken);

    private IQueryable<Message> Going(IQueryable<Message> messages, Guid user) => messages.Where(message => message.SenderId == user
        || !database.MessageCopies.Any(copy => copy.MessageId == message.Id && copy.UserId != user && !copy.IsOwn));
}

/// <summary>How much this service has of a person.</summary>
/// <param name="IsHeld">Whether the person is under a legal hold: then nothing of it goes.</param>
/// <param name="Messages">Messages that an erasure removes.</param>
/// <param name="Copies">Copies of messages that stay with others.</param>
/// <param name="Attachments">Attachments that the person uploaded.</param>
/// <param name="Memberships">Conversations that the person is a member of, or was.</param>
/// <param name="Held">Messages and attachments that stay, by a hold on a conversation or on somebody else.</param>
internal sealed record PersonCounts(bool IsHeld, long Messages, long Copies, long Attachments, long Memberships, long Held);

/// <summary>A page of messages.</summary>
/// <param name="MessageIds">Those that go whole.</param>
/// <param name="Erased">How many went.</param>
/// <param name="Copies">How many copies went of messages that stay.</param>
/// <param name="Held">How many are under a legal hold.</param>
/// <param name="NextCursor">Where the next page begins; null at the end.</param>
internal sealed record ErasedPage(IReadOnlyList<Guid> MessageIds, int Erased, int Copies, int Held, long? NextCursor);

/// <summary>A page of anything else.</summary>
/// <param name="Erased">How many went.</param>
/// <param name="Held">How many are under a legal hold.</param>
/// <param name="NextCursor">Where the next page begins; null at the end.</param>
internal sealed record ErasedRows(int Erased, int Held, Guid? NextCursor);
