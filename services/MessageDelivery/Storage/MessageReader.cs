using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Reads messages as a user may see them now: a sender with how far each recipient is, a recipient with how far they are themselves.</summary>
internal sealed class MessageReader(MessagesDbContext database)
{
    /// <summary>Finds a message that may be shown: none of a deleted conversation.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="user">Who asks; null for whoever may see everything.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ReadMessage?> FindAsync(Guid id, Guid? user, CancellationToken cancellationToken)
    {
        var message = await database.ShownMessages.AsNoTracking().SingleOrDefaultAsync(message => message.Id == id, cancellationToken);
        return message is null || (user is { } who && !await database.CopiesShownTo(who).AnyAsync(copy => copy.MessageId == id, cancellationToken))
            ? null
            : (await WithCopiesAsync([message], user, cancellationToken))[0];
    }

    /// <summary>Which of some messages a user may read now.</summary>
    /// <param name="ids">The messages.</param>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyList<Guid>> ReadableAsync(Guid[] ids, Guid user, CancellationToken cancellationToken) =>
        await database.CopiesShownTo(user).Where(copy => EF.Parameter(ids).Contains(copy.MessageId)).Select(copy => copy.MessageId).ToListAsync(cancellationToken);

    /// <summary>A page of a conversation's messages, newest first.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="user">Who asks; null for whoever may see everything.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="after">Those behind this place in the order.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ReadPage> ListConversationAsync(Guid conversation, Guid? user, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        var messages = database.ShownMessages.AsNoTracking().Where(message => message.ConversationId == conversation);
        if (user is { } who)
        {
            var shown = database.CopiesShownTo(who);
            messages = messages.Where(message => shown.Any(copy => copy.MessageId == message.Id));
        }

        if (after is not null)
        {
            messages = messages.Where(message => message.ReceivedAt <= after.Time && (message.ReceivedAt < after.Time || message.Id.CompareTo(after.Id) < 0));
        }

        var page = await messages.OrderByDescending(message => message.ReceivedAt).ThenByDescending(message => message.Id).Take(limit + 1).ToListAsync(cancellationToken);
        return await PageAsync(page, user, limit, cancellationToken);
    }

    /// <summary>A page of what was sent to a user, newest first.</summary>
    /// <param name="user">The user.</param>
    /// <param name="unreadOnly">Leaves out what was read.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="after">Those behind this place in the order.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ReadPage> ListInboxAsync(Guid user, bool unreadOnly, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        var copies = database.CopiesShownTo(user).Where(copy => !copy.IsOwn);
        if (unreadOnly)
        {
            copies = copies.Where(copy => copy.Status < MessageStatus.Read);
        }

        if (after is not null)
        {
            copies = copies.Where(copy => copy.ReceivedAt <= after.Time && (copy.ReceivedAt < after.Time || copy.MessageId.CompareTo(after.Id) < 0));
        }

        var page = await copies.OrderByDescending(copy => copy.ReceivedAt).ThenByDescending(copy => copy.MessageId).Take(limit + 1)
            .Join(database.Messages, copy => copy.MessageId, message => message.Id, (copy, message) => message)
            .OrderByDescending(message => message.ReceivedAt).ThenByDescending(message => message.Id).AsNoTracking().ToListAsync(cancellationToken);
        return await PageAsync(page, user, limit, cancellationToken);
    }

    /// <summary>What came to a user after a position, in the order of positions.</summary>
    /// <param name="user">The user.</param>
    /// <param name="position">What lies behind this.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyList<ReadMessage>> ListAfterAsync(Guid user, long position, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.CopiesShownTo(user).Where(copy => !copy.IsOwn && copy.Position > position).OrderBy(copy => copy.Position).Take(limit)
            .Join(database.Messages.AsNoTracking(), copy => copy.MessageId, message => message.Id, (copy, message) => new { copy, message })
            .OrderBy(row => row.copy.Position).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new ReadMessage(row.message.With([row.copy]), [row.copy], row.copy.Position))];
    }

    /// <summary>The last position that a user's inbox had at a time; 0 when nothing had come to it.</summary>
    /// <param name="user">The user.</param>
    /// <param name="at">The time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<long> LastPositionAsync(Guid user, DateTimeOffset at, CancellationToken cancellationToken)
    {
        // The first that came later is looked for last, so that none can come between the two.
        var last = await database.Inboxes.Where(inbox => inbox.UserId == user).Select(inbox => inbox.LastPosition).FirstOrDefaultAsync(cancellationToken);
        var later = await database.MessageCopies.Where(copy => copy.UserId == user && copy.ReceivedAt > at).MinAsync(copy => (long?)copy.Position, cancellationToken);
        return Math.Min(last, later - 1 ?? last);
    }

    private async Task<ReadPage> PageAsync(List<Message> page, Guid? user, int limit, CancellationToken cancellationToken)
    {
        var hasMore = page.Count > limit;
        return new ReadPage(await WithCopiesAsync(hasMore ? page[..limit] : page, user, cancellationToken), hasMore);
    }

    private async Task<IReadOnlyList<ReadMessage>> WithCopiesAsync(List<Message> messages, Guid? user, CancellationToken cancellationToken)
    {
        var ids = messages.Select(message => message.Id).ToArray();
        var copies = (await database.MessageCopies.AsNoTracking().Where(copy => EF.Parameter(ids).Contains(copy.MessageId)).ToListAsync(cancellationToken))
            .ToLookup(copy => copy.MessageId);
        return [.. messages.Select(message =>
        {
            var all = copies[message.Id].ToArray();
            var own = all.FirstOrDefault(copy => copy.UserId == user);

            // How far the others are is their sender's business.
            MessageCopy[] seen = user is null || message.SenderId == user ? all : own is null ? [] : [own];
            return new ReadMessage(message.With(seen), [.. seen.Where(copy => !copy.IsOwn)], own?.Position);
        })];
    }
}

/// <summary>A message as somebody may see it.</summary>
/// <param name="Message">The message.</param>
/// <param name="Recipients">Its recipients, as far as the reader may know of them.</param>
/// <param name="Position">Its place in the reader's inbox.</param>
internal sealed record ReadMessage(Message Message, IReadOnlyList<MessageCopy> Recipients, long? Position);

/// <summary>A page of messages.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="HasMore">Whether there are more.</param>
internal sealed record ReadPage(IReadOnlyList<ReadMessage> Messages, bool HasMore)
{
    /// <summary>Where the next page begins; null when there is none.</summary>
    public PageCursor? Next => HasMore ? new PageCursor(Messages[^1].Message.ReceivedAt, Messages[^1].Message.Id) : null;
}
