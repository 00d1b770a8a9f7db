using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Keeps when a user's devices were last connected.</summary>
internal sealed class LastSeen(MessagesDbContext database, TimeProvider time)
{
    /// <summary>Notes that a user is there now.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task NoteAsync(Guid userId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToStored();
        object stored = database.Database.IsSqlite() ? now.ToUnixTimeMilliseconds() : now;
        await database.Database.ExecuteSqlRawAsync(
            "INSERT INTO inboxes (user_id, last_position, last_seen_at) VALUES ({0}, 0, {1}) ON CONFLICT (user_id) DO UPDATE SET last_seen_at = excluded.last_seen_at",
            [userId, stored],
            cancellationToken);
    }

    /// <summary>When a user's devices were last connected; null when never.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<DateTimeOffset?> FindAsync(Guid userId, CancellationToken cancellationToken) =>
        database.Inboxes.Where(inbox => inbox.UserId == userId).Select(inbox => inbox.LastSeenAt).FirstOrDefaultAsync(cancellationToken);
}
