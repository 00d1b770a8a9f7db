using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Makes conversations, and changes who is in them. Each change holds the conversation's row, so that no message goes into it meanwhile.</summary>
internal sealed class ConversationChanges(MessagesDbContext database, ConversationStore conversations)
{
    /// <summary>Makes a conversation; its maker is its owner. The same once more changes nothing.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="owner">Who makes it.</param>
    /// <param name="members">Its members beside the owner.</param>
    /// <param name="title">What it is called.</param>
    /// <param name="at">Since when.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ConversationCreation> CreateAsync(
        Guid id, Guid owner, IReadOnlyCollection<Guid> members, string? title, DateTimeOffset at, CancellationToken cancellationToken) => InTransactionAsync(
        async token =>
        {
            Guid[] all = [.. members.Append(owner).Distinct().Order()];
            if (await conversations.InsertAsync([id], at, token) is { Count: 0 })
            {
                await conversations.LockAsync(id, "SHARE", token);
                var existing = await database.Conversations.AsNoTracking().SingleAsync(conversation => conversation.Id == id, token);
                var users = await conversations.MembersOf(id).ToListAsync(token);
                return users.Select(member => member.UserId).ToHashSet().SetEquals(all) && existing.Title == title && !existing.IsEnded
                    && users.Any(member => member.UserId == owner && member.Role == MemberRole.Owner)
                    ? ConversationCreation.There
                    : ConversationCreation.Taken;
            }

            await conversations.InsertMembersAsync([.. all.Select(user => (id, user))], at, token);
            await database.ConversationMembers.Where(member => member.ConversationId == id && member.UserId == owner)
                .ExecuteUpdateAsync(set => set.SetProperty(member => member.Role, MemberRole.Owner), token);
            await database.Conversations.Where(conversation => conversation.Id == id).ExecuteUpdateAsync(set => set.SetProperty(conversation => conversation.Title, title), token);
            return ConversationCreation.Created;
        },
        cancellationToken);

    /// <summary>Adds a member. One who has been there before starts anew, and sees nothing of before.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="owner">Who adds.</param>
    /// <param name="user">Whom.</param>
    /// <param name="limit">At most so many members.</param>
    /// <param name="at">Since when.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ConversationChange> AddAsync(Guid id, Guid owner, Guid user, int limit, DateTimeOffset at, CancellationToken cancellationToken) => InTransactionAsync(
        async token =>
        {
            var (conversation, members) = await LockedAsync(id, token);
            if (WhyNot(conversation, members, owner, mustOwn: true) is { } problem)
            {
                return problem;
            }

            if (members.Any(member => member.UserId == user))
            {
                return ConversationChange.Done;
            }

            if (members.Count >= limit)
            {
                return ConversationChange.Full;
            }

            var (joined, cleared) = (at.ToStored(), await LastPositionAsync(user, token));
            var again = await database.ConversationMembers.Where(member => member.ConversationId == id && member.UserId == user).ExecuteUpdateAsync(
                set => set.SetProperty(member => member.LeftAt, (DateTimeOffset?)null).SetProperty(member => member.DeletedAt, (DateTimeOffset?)null)
                    .SetProperty(member => member.JoinedAt, joined).SetProperty(member => member.Role, MemberRole.Member)
                    .SetProperty(member => member.ClearedPosition, cleared),
                token);
            if (again == 0)
            {
                await conversations.InsertMembersAsync([(id, user)], joined, token);
                var createdAt = conversation!.CreatedAt;
                await database.ConversationMembers.Where(member => member.ConversationId == id && member.UserId == user)
                    .ExecuteUpdateAsync(set => set.SetProperty(member => member.CreatedAt, createdAt), token);
            }

            return ConversationChange.Done;
        },
        cancellationToken);

    /// <summary>Removes a member, who may be the one who asks: then it is leaving. The last owner who leaves hands over to the longest-standing member.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="by">Who removes: an owner, or the member.</param>
    /// <param name="user">Whom.</param>
    /// <param name="at">From when on.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ConversationChange> RemoveAsync(Guid id, Guid by, Guid user, DateTimeOffset at, CancellationToken cancellationToken) => InTransactionAsync(
        async token =>
        {
            var (conversation, members) = await LockedAsync(id, token);
            if (WhyNot(conversation, members, by, mustOwn: by != user) is { } problem)
            {
                return problem;
            }

            if (members.Find(member => member.UserId == user) is not { } leaving)
            {
                return ConversationChange.NoSuchMember;
            }

            var left = at.ToStored();
            await database.ConversationMembers.Where(member => member.ConversationId == id && member.UserId == user)
                .ExecuteUpdateAsync(set => set.SetProperty(member => member.LeftAt, left).SetProperty(member => member.Role, MemberRole.Member), token);
            var rest = members.Where(member => member.UserId != user).ToArray();
            if (leaving.Role == MemberRole.Owner && rest.Length > 0 && rest.All(member => member.Role != MemberRole.Owner))
            {
                var heir = rest.OrderBy(member => member.JoinedAt).ThenBy(member => member.UserId).First().UserId;
                await database.ConversationMembers.Where(member => member.ConversationId == id && member.UserId == heir)
                    .ExecuteUpdateAsync(set => set.SetProperty(member => member.Role, MemberRole.Owner), token);
            }

            if (rest.All(member => member.DeletedAt is not null))
            {
                await MarkDeletedAsync(id, left, isEnded: false, token);
                return ConversationChange.Gone;
            }

            await NoteGoneAsync(copy => copy.ConversationId == id && copy.UserId == user, token);
            return ConversationChange.Done;
        },
        cancellationToken);

    /// <summary>Deletes a conversation for one member: the member is shown nothing of it up to now. Again: its time stays.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="user">Who deletes it.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns><see cref="ConversationChange.Gone"/> when nobody is left to whom it is shown.</returns>
    public Task<ConversationChange> DeleteAsync(Guid id, Guid user, DateTimeOffset at, CancellationToken cancellationToken) => InTransactionAsync(
        async token =>
        {
            var (conversation, members) = await LockedAsync(id, token);
            if (conversation is null || members.Find(member => member.UserId == user) is not { } own)
            {
                return ConversationChange.NotFound;
            }

            if (conversation.DeletedAt is not null || own.DeletedAt is not null)
            {
                return ConversationChange.Done;
            }

            var (deletedAt, cleared) = (at.ToStored(), await LastPositionAsync(user, token));
            await database.ConversationMembers.Where(member => member.ConversationId == id && member.UserId == user).ExecuteUpdateAsync(
                set => set.SetProperty(member => member.DeletedAt, deletedAt).SetProperty(member => member.ClearedPosition, cleared), token);
            if (members.Any(member => member.UserId != user && member.DeletedAt is null))
            {
                await NoteGoneAsync(copy => copy.ConversationId == id && copy.UserId == user && copy.Position > own.ClearedPosition, token);
                return ConversationChange.Done;
            }

            await MarkDeletedAsync(id, deletedAt, isEnded: false, token);
            return ConversationChange.Gone;
        },
        cancellationToken);

    /// <summary>Ends a conversation for all of its members.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="owner">Who ends it.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ConversationChange> EndAsync(Guid id, Guid owner, DateTimeOffset at, CancellationToken cancellationToken) => InTransactionAsync(
        async token =>
        {
            var (conversation, members) = await LockedAsync(id, token);
            if (conversation is { IsEnded: true } && members.Any(member => member.UserId == owner && member.Role == MemberRole.Owner))
            {
                return ConversationChange.Done;
            }

            if (WhyNot(conversation, members, owner, mustOwn: true) is { } problem)
            {
                return problem;
            }

            await MarkDeletedAsync(id, at.ToStored(), isEnded: true, token);
            return ConversationChange.Gone;
        },
        cancellationToken);

    private static ConversationChange? WhyNot(Conversation? conversation, List<ConversationMember> members, Guid user, bool mustOwn) =>
        conversation is null || conversation.DeletedAt is not null || members.Find(member => member.UserId == user) is not { } own ? ConversationChange.NotFound
        : mustOwn && own.Role != MemberRole.Owner ? ConversationChange.NotAllowed
        : null;

    private async Task<(Conversation? Conversation, List<ConversationMember> Members)> LockedAsync(Guid id, CancellationToken cancellationToken)
    {
        await conversations.LockAsync(id, "UPDATE", cancellationToken);
        return (
            await database.Conversations.AsNoTracking().SingleOrDefaultAsync(conversation => conversation.Id == id, cancellationToken),
            await conversations.MembersOf(id).ToListAsync(cancellationToken));
    }

    private async Task MarkDeletedAsync(Guid id, DateTimeOffset at, bool isEnded, CancellationToken cancellationToken)
    {
        await database.Conversations.Where(conversation => conversation.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(conversation => conversation.DeletedAt, at).SetProperty(conversation => conversation.IsEnded, isEnded), cancellationToken);
        await NoteGoneAsync(copy => copy.ConversationId == id, cancellationToken);
    }

    // Who is not shown a message any more is not to find its notifications either. Nobody is notified of what is their own.
    private Task<int> NoteGoneAsync(Expression<Func<MessageCopy, bool>> which, CancellationToken cancellationToken) => database.MessageCopies
        .Where(copy => !copy.IsOwn).Where(which)
        .ExecuteUpdateAsync(set => set.SetProperty(copy => copy.Notice, CopyNotice.Gone), cancellationToken);

    private Task<long> LastPositionAsync(Guid user, CancellationToken cancellationToken) =>
        database.Inboxes.Where(inbox => inbox.UserId == user).Select(inbox => inbox.LastPosition).FirstOrDefaultAsync(cancellationToken);

    private Task<T> InTransactionAsync<T>(Func<CancellationToken, Task<T>> change, CancellationToken cancellationToken) =>
        database.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                await using var transaction = await database.Database.BeginTransactionAsync(token);
                var result = await change(token);
                await transaction.CommitAsync(token);
                return result;
            },
            cancellationToken);
}

/// <summary>What came of making a conversation.</summary>
internal enum ConversationCreation
{
    /// <summary>It was made, by this very call.</summary>
    Created,

    /// <summary>It had been made before, by the same user and with the same members.</summary>
    There,

    /// <summary>Another conversation has this id.</summary>
    Taken,
}

/// <summary>What came of a change.</summary>
internal enum ConversationChange
{
    /// <summary>It is as it was to be.</summary>
    Done,

    /// <summary>It is, and the conversation is shown to nobody any more.</summary>
    Gone,

    /// <summary>There is no such conversation, or who asks is no member of it.</summary>
    NotFound,

    /// <summary>There is no such member.</summary>
    NoSuchMember,

    /// <summary>Only an owner may do that.</summary>
    NotAllowed,

    /// <summary>It has as many members as it may have.</summary>
    Full,
}
