using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Stores what users see in the app. Every write is one statement, so that no update is lost however many run at once.</summary>
public sealed class NotificationStore(NotificationsDbContext database)
{
    /// <summary>Finds a notification of a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The notification; null when there is none, or it is another user's.</returns>
    public Task<Notification?> FindAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        database.Notifications.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id && one.UserId == userId, cancellationToken);

    /// <summary>Stores a notification unless it is stored already.</summary>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it is stored now; false when its id belongs to another user's notification.</returns>
    public async Task<bool> SaveOnceAsync(Notification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);

        if (await OwnerAsync(notification.Id, cancellationToken) is { } owner)
        {
            return owner == notification.UserId;
        }

        database.Notifications.Add(notification);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException)
        {
            database.ChangeTracker.Clear();
            if (await OwnerAsync(notification.Id, cancellationToken) is { } other)
            {
                return other == notification.UserId;
            }

            throw;
        }
        finally
        {
            database.ChangeTracker.Clear();
        }
    }

    /// <summary>Marks a notification as read; when it was read before, the first time stays.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="id">The notification's id.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task MarkReadAsync(Guid userId, Guid id, DateTimeOffset at, CancellationToken cancellationToken) =>
        MarkAsync(Unread(userId).Where(one => one.Id == id), at, cancellationToken);

    /// <summary>Marks all notifications of a user as read.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were not read before.</returns>
    public Task<int> MarkAllReadAsync(Guid userId, DateTimeOffset at, CancellationToken cancellationToken) =>
        MarkAsync(Unread(userId), at, cancellationToken);

    /// <summary>How many notifications a user has not read.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<int> CountUnreadAsync(Guid userId, CancellationToken cancellationToken) => Unread(userId).CountAsync(cancellationToken);

    /// <summary>A page of a user's notifications, newest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="unreadOnly">Only those that were not read.</param>
    /// <param name="after">Those behind this place in the order.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The notifications, and whether there are more.</returns>
    public async Task<(IReadOnlyList<Notification> Notifications, bool HasMore)> ListAsync(
        Guid userId, bool unreadOnly, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        var notifications = unreadOnly ? Unread(userId) : database.Notifications.Where(one => one.UserId == userId);
        if (after is not null)
        {
            notifications = notifications.Where(one => one.CreatedAt <= after.Time
                && (one.CreatedAt < after.Time || one.Id.CompareTo(after.Id) < 0));
        }

        var page = await notifications.AsNoTracking().OrderByDescending(one => one.CreatedAt).ThenByDescending(one => one.Id)
            .Take(limit + 1).ToListAsync(cancellationToken);
        var hasMore = page.Count > limit;
        return (hasMore ? page[..limit] : page, hasMore);
    }

    private static Task<int> MarkAsync(IQueryable<Notification> notifications, DateTimeOffset at, CancellationToken cancellationToken)
    {
        at = at.ToStored();
        return notifications.ExecuteUpdateAsync(set => set.SetProperty(one => one.ReadAt, at), cancellationToken);
    }

    private IQueryable<Notification> Unread(Guid userId) => database.Notifications.Where(one => one.UserId == userId && one.ReadAt == null);

    private Task<Guid?> OwnerAsync(Guid id, CancellationToken cancellationToken) =>
        database.Notifications.Where(one => one.Id == id).Select(one => (Guid?)one.UserId).SingleOrDefaultAsync(cancellationToken);
}
