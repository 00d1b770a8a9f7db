using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Stores what users see in the app. Every write is one statement, so that no update is lost however many run at once.</summary>
internal sealed class NotificationStore(NotificationsDbContext database)
{
    /// <summary>Finds a notification of a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The notification; null when there is none, or it is another user's.</returns>
    public Task<Notification?> FindAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        database.Notifications.AsNoTracking().Include(one => one.Deliveries).SingleOrDefaultAsync(one => one.Id == id && one.UserId == userId, cancellationToken);

    /// <summary>Shows a notification in the app that is on record; again changes nothing.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="title">What it is about.</param>
    /// <param name="text">What it says.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task ShowAsync(Guid id, string title, string text, CancellationToken cancellationToken) =>
        database.Notifications.Where(one => one.Id == id && !one.InApp).ExecuteUpdateAsync(
            set => set.SetProperty(one => one.InApp, true).SetProperty(one => one.Title, title).SetProperty(one => one.Text, text), cancellationToken);

    /// <summary>Finds a notification, with how it went by each channel.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Notification?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.Notifications.AsNoTracking().Include(one => one.Deliveries).SingleOrDefaultAsync(one => one.Id == id, cancellationToken);

    /// <summary>Marks a user's notifications of messages as read: whoever has read the message needs no notification of it.</summary>
    /// <param name="userId">The user; null for whoever they are of.</param>
    /// <param name="messageIds">The messages.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were not read before.</returns>
    public Task<int> MarkMessagesReadAsync(Guid? userId, Guid[] messageIds, DateTimeOffset at, CancellationToken cancellationToken) =>
        MarkAsync(OfMessages(userId, messageIds).Where(one => one.ReadAt == null), at, cancellationToken);

    /// <summary>Removes the notifications of messages that are no more, or are shown to a user no more.</summary>
    /// <param name="userId">The user; null for whoever they are of.</param>
    /// <param name="messageIds">The messages.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many there were.</returns>
    public Task<int> RemoveMessagesAsync(Guid? userId, Guid[] messageIds, CancellationToken cancellationToken) =>
        OfMessages(userId, messageIds).ExecuteDeleteAsync(cancellationToken);

    /// <summary>Removes what is past its time, at most so many.</summary>
    /// <param name="olderThan">What is older goes.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many went.</returns>
    public async Task<int> RemoveOldAsync(DateTimeOffset olderThan, int limit, CancellationToken cancellationToken)
    {
        var ids = await database.Notifications.Where(one => one.CreatedAt < olderThan).OrderBy(one => one.CreatedAt).Take(limit).Select(one => one.Id)
            .ToArrayAsync(cancellationToken);
        return ids.Length == 0 ? 0 : await database.Notifications.Where(one => EF.Parameter(ids).Contains(one.Id)).ExecuteDeleteAsync(cancellationToken);
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
    /// <param name="channel">Only those by this channel; null for all.</param>
    /// <param name="unreadOnly">Only those that were not read.</param>
    /// <param name="after">Those behind this place in the order.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The notifications, and whether there are more.</returns>
    public async Task<(IReadOnlyList<Notification> Notifications, bool HasMore)> ListAsync(
        Guid userId, NotificationType? channel, bool unreadOnly, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        var notifications = database.Notifications.Where(one => one.UserId == userId && (!unreadOnly || one.ReadAt == null));
        notifications = channel switch
        {
            null => notifications,
            NotificationType.InApp => notifications.Where(one => one.InApp),
            { } other => notifications.Where(one => one.Deliveries.Any(delivery => delivery.Channel == other)),
        };
        if (after is not null)
        {
            notifications = notifications.Where(one => one.CreatedAt <= after.Time
                && (one.CreatedAt < after.Time || one.Id.CompareTo(after.Id) < 0));
        }

        var page = await notifications.AsNoTracking().Include(one => one.Deliveries).OrderByDescending(one => one.CreatedAt).ThenByDescending(one => one.Id)
            .Take(limit + 1).ToListAsync(cancellationToken);
        var hasMore = page.Count > limit;
        return (hasMore ? page[..limit] : page, hasMore);
    }

    private static Task<int> MarkAsync(IQueryable<Notification> notifications, DateTimeOffset at, CancellationToken cancellationToken)
    {
        at = at.ToStored();
        return notifications.ExecuteUpdateAsync(set => set.SetProperty(one => one.ReadAt, at), cancellationToken);
    }

    private IQueryable<Notification> Unread(Guid userId) => database.Notifications.Where(one => one.UserId == userId && one.InApp && one.ReadAt == null);

    /// <summary>The notifications of messages; of one user, or of all.</summary>
    internal IQueryable<Notification> OfMessages(Guid? userId, Guid[] messageIds) => database.Notifications.Where(
        one => one.MessageId != null && EF.Parameter(messageIds).Contains(one.MessageId!.Value) && (userId == null || one.UserId == userId));
}
