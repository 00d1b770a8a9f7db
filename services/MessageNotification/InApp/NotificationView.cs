using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>A notification as its user sees it, by HTTP and by the hub.</summary>
public sealed record NotificationView(
    Guid NotificationId, string Title, string Message, Guid? MessageId, NotificationPriority Priority, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt)
{
    /// <summary>The view of a stored notification.</summary>
    /// <param name="notification">The notification.</param>
    public static NotificationView Of(Notification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);

        return new NotificationView(
            notification.Id, notification.Title, notification.Text, notification.MessageId, notification.Priority, notification.CreatedAt, notification.ReadAt);
    }

    /// <summary>Says which notification, and nothing of what it says: whatever prints this by mistake gives nothing away.</summary>
    public override string ToString() => $"Notification {NotificationId}";
}

/// <summary>A page of notifications, newest first.</summary>
/// <param name="Notifications">The notifications.</param>
/// <param name="UnreadCount">How many of the user's notifications were not read, on this page or elsewhere.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
public sealed record NotificationPage(IReadOnlyList<NotificationView> Notifications, int UnreadCount, string? NextCursor);
