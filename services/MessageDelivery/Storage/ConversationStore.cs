using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Creates, lists, deletes and revives conversations. Every write is one statement, so that no update is lost however many run at once.</summary>
public sealed class ConversationStore(MessagesDbContext database)
{
    /// <summary>Creates a conversation when it is absent, revives it when it is deleted; otherwise changes nothing.</summary>
    /// <param name="conversation">The conversation, as it is to be when it is absent.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task OpenAsync(Conversation conversation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return InsertAsync([conversation], "DO UPDATE SET deleted_at = NULL WHERE conversations.deleted_at IS NOT NULL", cancellationToken);
    }

    /// <summary>Looks which conversations there are, and creates the missing ones when asked to.</summary>
    /// <param name="wanted">The conversations, as they are to be.</param>
    /// <param name="create">Whether to create those that are missing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<EnsuredConversations> EnsureAsync(IReadOnlyCollection<Conversation> wanted, bool create, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);

        // In one order everywhere: two callers with the same conversations would otherwise wait for each other.
        var distinct = wanted.DistinctBy(conversation => conversation.Id).OrderBy(conversation => conversation.Id).ToArray();
        var created = create && distinct.Length > 0 ? await InsertAsync(distinct, "DO NOTHING", cancellationToken) : 0;
        var ids = distinct.Select(conversation => conversation.Id).ToArray();
        var existing = await database.Conversations.AsNoTracking()
            .Where(conversation => EF.Parameter(ids).Contains(conversation.Id))
            .ToDictionaryAsync(conversation => conversation.Id, cancellationToken);
        return new EnsuredConversations(
            created,
            [.. ids.Where(id => !existing.ContainsKey(id))],
            [.. wanted.Where(conversation => existing.TryGetValue(conversation.Id, out var other) && !HasSameParticipants(conversation, other))
                .Select(conversation => conversation.Id).Distinct()]);
    }

    /// <summary>A page of a user's conversations, newest first; no deleted ones.</summary>
    /// <param name="user">The user.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="after">Those behind this place in the order; null for the first page.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The conversations, and whether there are more.</returns>
    public async Task<(IReadOnlyList<Conversation> Conversations, bool HasMore)> ListAsync(
        Guid user, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        var conversations = database.Conversations.AsNoTracking()
            .Where(conversation => (conversation.ParticipantA == user || conversation.ParticipantB == user) && conversation.DeletedAt == null);
        if (after is not null)
        {
            conversations = conversations.Where(conversation => conversation.CreatedAt <= after.Time
                && (conversation.CreatedAt < after.Time || conversation.Id.CompareTo(after.Id) < 0));
        }

        var page = await conversations.OrderByDescending(conversation => conversation.CreatedAt).ThenByDescending(conversation => conversation.Id)
            .Take(limit + 1).ToListAsync(cancellationToken);
        var hasMore = page.Count > limit;
        return (hasMore ? page[..limit] : page, hasMore);
    }

    /// <summary>Deletes a conversation for both of its participants. Again: its time stays.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="participant">Who deletes it.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it is deleted; false when the user has no such conversation.</returns>
    public async Task<bool> DeleteAsync(Guid id, Guid participant, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var deletedAt = at.ToStored();
        return await database.Conversations
            .Where(conversation => conversation.Id == id && (conversation.ParticipantA == participant || conversation.ParticipantB == participant))
            .ExecuteUpdateAsync(set => set.SetProperty(conversation => conversation.DeletedAt, conversation => conversation.DeletedAt ?? deletedAt), cancellationToken) == 1;
    }

    private static bool HasSameParticipants(Conversation one, Conversation other) =>
        one.ParticipantA == other.ParticipantA && one.ParticipantB == other.ParticipantB;

    // EF Core has no upsert; this one is the same in both databases.
    private Task<int> InsertAsync(Conversation[] conversations, string onConflict, CancellationToken cancellationToken)
    {
        var isSqlite = database.Database.IsSqlite();
        var sql = new StringBuilder("INSERT INTO conversations (id, participant_a, participant_b, created_at) VALUES ");
        var values = new List<object>(conversations.Length * 4);
        foreach (var conversation in conversations)
        {
            sql.Append(CultureInfo.InvariantCulture, $"{(values.Count > 0 ? ", " : string.Empty)}({{{values.Count}}}, {{{values.Count + 1}}}, {{{values.Count + 2}}}, {{{values.Count + 3}}})");
            var createdAt = conversation.CreatedAt.ToStored();
            values.AddRange(conversation.Id, conversation.ParticipantA, conversation.ParticipantB, isSqlite ? createdAt.ToUnixTimeMilliseconds() : createdAt);
        }

        sql.Append(CultureInfo.InvariantCulture, $" ON CONFLICT (id) {onConflict}");
        return database.Database.ExecuteSqlRawAsync(sql.ToString(), values, cancellationToken);
    }
}

/// <summary>What came of ensuring conversations.</summary>
/// <param name="Created">How many were created, by this very call.</param>
/// <param name="Missing">Those that there are not.</param>
/// <param name="Mismatched">Those that other users have.</param>
public sealed record EnsuredConversations(int Created, IReadOnlyList<Guid> Missing, IReadOnlyList<Guid> Mismatched);
