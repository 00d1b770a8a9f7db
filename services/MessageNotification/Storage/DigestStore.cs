using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Gathers mails to one user that come soon after another: the first goes at once, the others go in one mail when the time is over.</summary>
internal sealed class DigestStore(NotificationsDbContext database, TimeProvider time)
{
    /// <summary>Whether a mail goes at once and opens the time in which others wait, or which mail it waits for.</summary>
    /// <returns>The mail that it goes in; null when it goes by itself.</returns>
    public async Task<Digest?> JoinAsync(DigestEntry entry, Guid userId, int category, TimeSpan window, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = time.GetUtcNow().ToStored();
            if (await FindOfEntryAsync(entry.NotificationId, cancellationToken) is { } joined)
            {
                return joined;
            }

            if (await database.Digests.Where(one => one.UserId == userId && one.Category == category && one.EndsAt <= now)
                .ExecuteUpdateAsync(set => set.SetProperty(one => one.Id, Guid.CreateVersion7(now)).SetProperty(one => one.EndsAt, now + window), cancellationToken) == 1)
            {
                return null;
            }

            var open = await database.Digests.AsNoTracking().SingleOrDefaultAsync(one => one.UserId == userId && one.Category == category, cancellationToken);
            if (open is null)
            {
                if (await TryOpenAsync(new Digest { UserId = userId, Category = category, Id = Guid.CreateVersion7(now), EndsAt = now + window }, cancellationToken))
                {
                    return null;
                }
            }
            else if (await TryJoinAsync(open, entry, cancellationToken))
            {
                return open;
            }
        }
    }

    /// <summary>Ends the gathering for a mail that is about to be made; what comes from now on waits for the next.</summary>
    public async Task<IReadOnlyList<DigestEntry>> CloseAsync(Guid digestId, TimeSpan window, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToStored();
        await database.Digests.Where(one => one.Id == digestId)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Id, Guid.CreateVersion7(now)).SetProperty(one => one.EndsAt, now + window), cancellationToken);

        // What was read in the app meanwhile needs no mail.
        return await database.DigestEntries.AsNoTracking()
            .Where(one => one.DigestId == digestId && !database.Notifications.Any(read => read.Id == one.NotificationId && read.ReadAt != null))
            .OrderBy(one => one.CreatedAt).ThenBy(one => one.NotificationId).ToListAsync(cancellationToken);
    }

    public Task<bool> IsDigestAsync(Guid id, CancellationToken cancellationToken) => database.DigestEntries.AnyAsync(one => one.DigestId == id, cancellationToken);

    /// <summary>Forgets what the entries of a mail said: it is out.</summary>
    public Task RemoveEntriesAsync(Guid digestId, CancellationToken cancellationToken) =>
        database.DigestEntries.Where(one => one.DigestId == digestId).ExecuteDeleteAsync(cancellationToken);

    private async Task<Digest?> FindOfEntryAsync(Guid notificationId, CancellationToken cancellationToken)
    {
        var entry = await database.DigestEntries.AsNoTracking().SingleOrDefaultAsync(one => one.NotificationId == notificationId, cancellationToken);
        return entry is null ? null
            : await database.Digests.AsNoTracking().FirstOrDefaultAsync(one => one.Id == entry.DigestId, cancellationToken)

            // Its time is over: it is being sent, or is to be.
            ?? new Digest { UserId = Guid.Empty, Category = 0, Id = entry.DigestId, EndsAt = entry.CreatedAt };
    }

    private Task<bool> TryOpenAsync(Digest digest, CancellationToken cancellationToken) => database.TryAddAsync(
        digest, () => database.Digests.AnyAsync(one => one.UserId == digest.UserId && one.Category == digest.Category, cancellationToken), cancellationToken);

    // The row's lock stands between joining and closing: an entry is in the mail that it was told, or waits for the next.
    private Task<bool> TryJoinAsync(Digest open, DigestEntry entry, CancellationToken cancellationToken) =>
        database.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                database.ChangeTracker.Clear();
                await using var transaction = await database.Database.BeginTransactionAsync(token);
                var isOpen = await database.Digests.Where(one => one.UserId == open.UserId && one.Category == open.Category && one.Id == open.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(one => one.EndsAt, one => one.EndsAt), token) == 1;
                if (isOpen)
                {
                    database.DigestEntries.Add(new DigestEntry
                    {
                        NotificationId = entry.NotificationId,
                        DigestId = open.Id,
                        Title = entry.Title,
                        Text = entry.Text,
                        CreatedAt = entry.CreatedAt,
                    });
                    await database.SaveChangesAsync(token);
                    await transaction.CommitAsync(token);
                    database.ChangeTracker.Clear();
                }

                return isOpen;
            },
            cancellationToken);
}
