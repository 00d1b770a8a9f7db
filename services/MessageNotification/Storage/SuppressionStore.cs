using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Stores the addresses that nothing is sent to.</summary>
internal sealed class SuppressionStore(NotificationsDbContext database, JobSealing sealing)
{
    /// <summary>Why nothing is sent to an address; null when it is not on the list.</summary>
    public Task<Suppression?> FindAsync(NotificationType channel, string address, CancellationToken cancellationToken)
    {
        var same = Addresses.Comparable(channel, address);
        var hashed = HashOf(channel, same);
        return database.Suppressions.AsNoTracking().FirstOrDefaultAsync(one => one.Channel == channel && (one.Address == same || one.Address == hashed), cancellationToken);
    }

    /// <summary>Puts an address on the list; one that is on it stays as it is.</summary>
    /// <returns>What is on the list, and whether it is new there.</returns>
    public async Task<(Suppression Suppression, bool IsNew)> AddAsync(Suppression suppression, CancellationToken cancellationToken)
    {
        if (await FindAsync(suppression.Channel, suppression.Address, cancellationToken) is { } found)
        {
            return (found, false);
        }

        Suppression? other = null;
        var isNew = await database.TryAddAsync(
            suppression, async () => (other = await FindAsync(suppression.Channel, suppression.Address, cancellationToken)) is not null, cancellationToken);
        return (other ?? suppression, isNew);
    }

    /// <summary>Takes an address off the list.</summary>
    /// <returns>Whether it was on it.</returns>
    public async Task<bool> RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        await database.Suppressions.Where(one => one.Id == id).ExecuteDeleteAsync(cancellationToken) == 1;

    /// <summary>Takes an address off the list that its own owner has put there.</summary>
    /// <returns>Whether it was on it.</returns>
    public async Task<bool> RemoveStopAsync(string number, CancellationToken cancellationToken)
    {
        var same = Addresses.Comparable(NotificationType.Sms, number);
        var hashed = HashOf(NotificationType.Sms, same);
        return await database.Suppressions.Where(one => one.Channel == NotificationType.Sms && (one.Address == same || one.Address == hashed) && one.Reason == SuppressionReason.Stop)
            .ExecuteDeleteAsync(cancellationToken) == 1;
    }

    /// <summary>
    /// Keeps addresses of somebody who is erased as hashes only: nothing is sent there as before, and nobody can read any more where that is. Keyed, where there are
    /// keys: a phone number is found by trying all of them otherwise.
    /// </summary>
    /// <returns>How many were on the list as they are.</returns>
    public async Task<int> HashAsync(IReadOnlyCollection<(NotificationType Channel, string Address)> addresses, CancellationToken cancellationToken)
    {
        var hashed = 0;
        foreach (var (channel, address) in addresses)
        {
            var same = Addresses.Comparable(channel, address);
            var hash = HashOf(channel, same);
            if (await database.Suppressions.AnyAsync(one => one.Channel == channel && one.Address == hash, cancellationToken))
            {
                // Known since an earlier erasure, and added again meanwhile.
                hashed += await database.Suppressions.Where(one => one.Channel == channel && one.Address == same).ExecuteDeleteAsync(cancellationToken);
                continue;
            }

            hashed += await database.Suppressions.Where(one => one.Channel == channel && one.Address == same)
                .ExecuteUpdateAsync(set => set.SetProperty(one => one.Address, hash).SetProperty(one => one.NotificationId, (Guid?)null), cancellationToken);
        }

        return hashed;
    }

    private string HashOf(NotificationType channel, string comparable)
    {
        var bytes = Encoding.UTF8.GetBytes($"{channel}\n{comparable}");
        return Addresses.HashMark + Base64Url.EncodeToString(sealing.KeyFor("suppressions") is { } key ? HMACSHA256.HashData(key, bytes) : SHA256.HashData(bytes));
    }

    /// <summary>A page of the list, newest first.</summary>
    public async Task<(IReadOnlyList<Suppression> Suppressions, bool HasMore)> ListAsync(
        NotificationType? channel, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        var suppressions = database.Suppressions.AsNoTracking().Where(one => channel == null || one.Channel == channel);
        if (after is not null)
        {
            suppressions = suppressions.Where(one => one.CreatedAt <= after.Time && (one.CreatedAt < after.Time || one.Id.CompareTo(after.Id) < 0));
        }

        var page = await suppressions.OrderByDescending(one => one.CreatedAt).ThenByDescending(one => one.Id).Take(limit + 1).ToListAsync(cancellationToken);
        return page.Count > limit ? (page[..limit], true) : (page, false);
    }
}
