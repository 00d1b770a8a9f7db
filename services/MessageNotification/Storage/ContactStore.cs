using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Stores users' own addresses.</summary>
internal sealed class ContactStore(NotificationsDbContext database)
{
    public async Task<IReadOnlyList<Contact>> ListAsync(Guid userId, CancellationToken cancellationToken) =>
        await database.Contacts.AsNoTracking().Where(one => one.UserId == userId).OrderBy(one => one.Channel).ToListAsync(cancellationToken);

    public Task<Contact?> FindAsync(Guid userId, NotificationType channel, CancellationToken cancellationToken) =>
        database.Contacts.AsNoTracking().SingleOrDefaultAsync(one => one.UserId == userId && one.Channel == channel, cancellationToken);

    /// <summary>Puts an address in place of the user's former one for the channel.</summary>
    public async Task SaveAsync(Contact contact, CancellationToken cancellationToken)
    {
        if (!await ReplaceAsync(contact, cancellationToken))
        {
            await database.TryAddAsync(contact, () => ReplaceAsync(contact, cancellationToken), cancellationToken);
        }
    }

    public async Task<bool> RemoveAsync(Guid userId, NotificationType channel, CancellationToken cancellationToken) =>
        await database.Contacts.Where(one => one.UserId == userId && one.Channel == channel).ExecuteDeleteAsync(cancellationToken) == 1;

    private async Task<bool> ReplaceAsync(Contact contact, CancellationToken cancellationToken) =>
        await database.Contacts.Where(one => one.UserId == contact.UserId && one.Channel == contact.Channel).ExecuteUpdateAsync(
            set => set.SetProperty(one => one.Address, contact.Address).SetProperty(one => one.Consent, contact.Consent).SetProperty(one => one.ChangedAt, contact.ChangedAt),
            cancellationToken) == 1;
}
