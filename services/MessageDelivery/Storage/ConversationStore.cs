using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Opens conversations for messages, ensures them for other services, finds and lists them.</summary>
internal sealed class ConversationStore(MessagesDbContext database)
{
    /// <summary>
    /// Opens a message's conversation, in the message's own transaction: begins one that there is not, with its sender and its recipient as members; brings
    /// one back to those of its members who have deleted it. From here to the end of the transaction nobody joins, leaves, deletes or ends it.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its members; or why the message may not go into it.</returns>
    public async Task<(IReadOnlyList<Guid> Members, string? Refusal)> OpenAsync(Message message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);

        if (message.RecipientId is { } recipient && await InsertAsync([message.ConversationId], message.ReceivedAt, cancellationToken) is { Count: 1 })
        {
            Guid[] both = [.. new[] { message.SenderId, recipient }.Distinct()];
            await InsertMembersAsync([.. both.Select(user => (message.ConversationId, user))], message.ReceivedAt, cancellationToken);
            return (both, null);
        }

        await LockAsync(message.ConversationId, "SHARE", cancellationToken);
        var conversation = await database.Conversations.AsNoTracking().SingleOrDefaultAsync(row => row.Id == message.ConversationId, cancellationToken);
        if (conversation is null)
        {
            return ([], "recipientId: must be a user in a message that begins a conversation; for one of several members, make it first with POST /conversations.");
        }

        var members = await MembersOf(message.ConversationId).Select(member => new { member.UserId, member.DeletedAt }).ToListAsync(cancellationToken);
        var users = members.Select(member => member.UserId).ToArray();
        if (WhyNot(message, conversation, users) is { } refusal)
        {
            return ([], refusal);
        }

        if (conversation.DeletedAt is not null)
        {
            await database.Conversations.Where(row => row.Id == conversation.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DeletedAt, (DateTimeOffset?)null), cancellationToken);
        }

        if (members.Any(member => member.DeletedAt is not null))
        {
            await database.ConversationMembers.Where(member => member.ConversationId == conversation.Id && member.DeletedAt != null)
                .ExecuteUpdateAsync(set => set.SetProperty(member => member.DeletedAt, (DateTimeOffset?)null), cancellationToken);
        }

        return (users, null);
    }

    /// <summary>Looks which conversations of two there are, and creates the missing ones when asked to.</summary>
    /// <param name="wanted">The conversations, as they are to be.</param>
    /// <param name="create">Whether to create those that are missing.</param>
    /// <param name="at">Since when created ones are there.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<EnsuredConversations> EnsureAsync(
        IReadOnlyCollection<WantedMembers> wanted, bool create, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);

        // In one order everywhere: two callers with the same conversations would otherwise wait for each other.
        var distinct = wanted.DistinctBy(conversation => conversation.ConversationId).OrderBy(conversation => conversation.ConversationId).ToArray();
        var ids = distinct.Select(conversation => conversation.ConversationId).ToArray();
        var created = create && ids.Length > 0 ? await CreateAsync(distinct, ids, at.ToStored(), cancellationToken) : 0;

        var members = await database.ConversationMembers.AsNoTracking()
            .Where(member => EF.Parameter(ids).Contains(member.ConversationId) && member.LeftAt == null)
            .Select(member => new { member.ConversationId, member.UserId }).ToListAsync(cancellationToken);
        var existing = members.ToLookup(member => member.ConversationId, member => member.UserId);
        var known = await database.Conversations.AsNoTracking().Where(conversation => EF.Parameter(ids).Contains(conversation.Id))
            .Select(conversation => new { conversation.Id, conversation.IsEnded }).ToDictionaryAsync(row => row.Id, row => row.IsEnded, cancellationToken);
        return new EnsuredConversations(
            created,
            [.. ids.Where(id => !known.ContainsKey(id))],
            [.. wanted.Where(conversation => known.TryGetValue(conversation.ConversationId, out var isEnded)
                    && (isEnded || !conversation.Members.ToHashSet().SetEquals(existing[conversation.ConversationId])))
                .Select(conversation => conversation.ConversationId).Distinct()]);
    }

    /// <summary>A page of a user's conversations, newest first; none that is deleted, by the user or by all.</summary>
    /// <param name="user">The user.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="after">Those behind this place in the order; null for the first page.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The conversations, and whether there are more.</returns>
    public async Task<(IReadOnlyList<ConversationDetails> Conversations, bool HasMore)> ListAsync(
        Guid user, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        var own = ShownTo(user);
        if (after is not null)
        {
            own = own.Where(member => member.CreatedAt <= after.Time && (member.CreatedAt < after.Time || member.ConversationId.CompareTo(after.Id) < 0));
        }

        var page = await own.OrderByDescending(member => member.CreatedAt).ThenByDescending(member => member.ConversationId)
            .Take(limit + 1).Select(member => member.ConversationId).ToListAsync(cancellationToken);
        var hasMore = page.Count > limit;
        return (await DetailsAsync(hasMore ? page[..limit] : page, user, cancellationToken), hasMore);
    }

    /// <summary>A conversation of a user; null when the user is no member of it, or has deleted it.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ConversationDetails?> FindAsync(Guid id, Guid user, CancellationToken cancellationToken) =>
        await ShownTo(user).AnyAsync(member => member.ConversationId == id, cancellationToken) ? (await DetailsAsync([id], user, cancellationToken))[0] : null;

    /// <summary>Whether two users are members of one conversation: then each may know when the other was last there.</summary>
    /// <param name="one">One of them.</param>
    /// <param name="other">The other.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<bool> ShareOneAsync(Guid one, Guid other, CancellationToken cancellationToken) => database.ConversationMembers.AnyAsync(
        member => member.UserId == one && member.LeftAt == null
            && database.ConversationMembers.Any(another => another.ConversationId == member.ConversationId && another.UserId == other && another.LeftAt == null),
        cancellationToken);

    internal IQueryable<ConversationMember> MembersOf(Guid conversation) => database.ConversationMembers.AsNoTracking()
        .Where(member => member.ConversationId == conversation && member.LeftAt == null).OrderBy(member => member.UserId);

    /// <summary>Holds a conversation's row to the end of the transaction. SQLite has one writer at a time and needs no lock.</summary>
    internal Task LockAsync(Guid conversation, string strength, CancellationToken cancellationToken) => database.Database.IsSqlite()
        ? Task.CompletedTask
#pragma warning disable EF1002 // The strength is a word of this service's own.
        : database.Database.ExecuteSqlRawAsync($"SELECT 1 FROM conversations WHERE id = {{0}} FOR {strength}", [conversation], cancellationToken);
#pragma warning restore EF1002

    /// <summary>Inserts those conversations that there are not.</summary>
    /// <returns>Those that were inserted.</returns>
    internal async Task<IReadOnlyCollection<Guid>> InsertAsync(IReadOnlyList<Guid> ids, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var (sql, values) = Insert("conversations (id, created_at, is_ended)", ids.Select(id => new[] { id, Stored(at), false }));
#pragma warning disable EF1002 // Put together from names of this service's own and places of parameters.
        return (await database.Conversations.FromSqlRaw($"{sql} ON CONFLICT (id) DO NOTHING RETURNING *", values).AsNoTracking().ToListAsync(cancellationToken))
            .Select(conversation => conversation.Id).ToHashSet();
#pragma warning restore EF1002
    }

    internal async Task InsertMembersAsync(IReadOnlyList<(Guid Conversation, Guid User)> members, DateTimeOffset at, CancellationToken cancellationToken)
    {
        // SQLite takes 32,766 parameters in a statement.
        foreach (var some in members.Chunk(2000))
        {
            var (sql, values) = Insert(
                "conversation_members (conversation_id, user_id, role, joined_at, created_at, cleared_position)",
                some.Select(member => new[] { member.Conversation, member.User, (int)MemberRole.Member, Stored(at), Stored(at), 0L }));
            await database.Database.ExecuteSqlRawAsync(sql, values, cancellationToken);
        }
    }

    private static string? WhyNot(Message message, Conversation conversation, Guid[] members) => true switch
    {
        _ when conversation.IsEnded => "conversationId: this conversation has been ended by its owner; begin another one.",
        _ when !members.Contains(message.SenderId) => "senderId: is not a member of this conversation; its owner can add them, or the message goes into another one.",
        _ when message.RecipientId is { } recipient && !members.Contains(recipient) =>
            "recipientId: is not a member of this conversation; its owner can add them, or the message goes into another one.",
        _ when members.Length == 1 && message.RecipientId != message.SenderId => "conversationId: this conversation has no other member left; begin another one.",
        _ => null,
    };

    private IQueryable<ConversationMember> ShownTo(Guid user) => database.ConversationMembers.AsNoTracking().Where(member => member.UserId == user
        && member.LeftAt == null && member.DeletedAt == null
        && !database.Conversations.Any(conversation => conversation.Id == member.ConversationId && conversation.DeletedAt != null));

    private async Task<IReadOnlyList<ConversationDetails>> DetailsAsync(List<Guid> ids, Guid user, CancellationToken cancellationToken)
    {
        var conversations = await database.Conversations.AsNoTracking().Where(conversation => EF.Parameter(ids).Contains(conversation.Id))
            .ToDictionaryAsync(conversation => conversation.Id, cancellationToken);
        var members = (await database.ConversationMembers.AsNoTracking()
            .Where(member => EF.Parameter(ids).Contains(member.ConversationId) && member.LeftAt == null).ToListAsync(cancellationToken)).ToLookup(member => member.ConversationId);
        var unread = await database.CopiesShownTo(user)
            .Where(copy => copy.Status < Jobs.Contracts.MessageStatus.Read && EF.Parameter(ids).Contains(copy.ConversationId))
            .GroupBy(copy => copy.ConversationId).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        return [.. ids.Select(id => new ConversationDetails(conversations[id], [.. members[id].OrderBy(member => member.UserId)], unread.GetValueOrDefault(id)))];
    }

    private Task<int> CreateAsync(WantedMembers[] wanted, Guid[] ids, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                await using var transaction = await database.Database.BeginTransactionAsync(token);
                var created = await InsertAsync(ids, at, token);
                await InsertMembersAsync(
                    [.. wanted.Where(conversation => created.Contains(conversation.ConversationId))
                        .SelectMany(conversation => conversation.Members.Distinct().Select(user => (conversation.ConversationId, user)))],
                    at,
                    token);
                await transaction.CommitAsync(token);
                return created.Count;
            },
            cancellationToken);

    // EF Core has no insert that passes over what is there; this one is the same in both databases.
    private static (string Sql, object[] Values) Insert(string into, IEnumerable<object[]> rows)
    {
        var (sql, values) = (new StringBuilder($"INSERT INTO {into} VALUES "), new List<object>());
        foreach (var row in rows)
        {
            sql.Append(values.Count > 0 ? ", (" : "(")
                .AppendJoin(", ", Enumerable.Range(values.Count, row.Length).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{{i}}}"))).Append(')');
            values.AddRange(row);
        }

        return (sql.ToString(), [.. values]);
    }

    private object Stored(DateTimeOffset at) => database.Database.IsSqlite() ? at.ToStored().ToUnixTimeMilliseconds() : at.ToStored();
}

/// <summary>A conversation, with its members and what the user who asks has not read in it.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Members">Its members.</param>
/// <param name="Unread">How many messages in it the user has not read.</param>
internal sealed record ConversationDetails(Conversation Conversation, IReadOnlyList<ConversationMember> Members, int Unread);

/// <summary>A conversation as it is to be.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Members">Its members, and no others.</param>
internal sealed record WantedMembers(Guid ConversationId, IReadOnlyList<Guid> Members);

/// <summary>What came of ensuring conversations.</summary>
/// <param name="Created">How many were created, by this very call.</param>
/// <param name="Missing">Those that there are not.</param>
/// <param name="Mismatched">Those that have other members, or have been ended.</param>
internal sealed record EnsuredConversations(int Created, IReadOnlyList<Guid> Missing, IReadOnlyList<Guid> Mismatched);
