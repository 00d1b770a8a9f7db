using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>A notification as its user sees it, by HTTP and by the hub. What it says is null where it is not in the app.</summary>
/// <param name="NotificationId">Its id.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Message">What it says.</param>
/// <param name="MessageId">The message it is about.</param>
/// <param name="Priority">How urgent it is to its recipient.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ReadAt">When its recipient read it; null before.</param>
internal sealed record NotificationView(
    Guid NotificationId, string? Title, string? Message, Guid? MessageId, NotificationPriority Priority, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt)
{
    /// <summary>What kind it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NotificationCategory? Category { get; init; }

    /// <summary>How far it is: <c>read</c>, or the state of the channel by which it came furthest.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? State { get; init; }

    /// <summary>How it went by each channel.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChannelView>? Channels { get; init; }

    /// <summary>The view of a stored notification.</summary>
    /// <param name="notification">The notification.</param>
    public static NotificationView Of(Notification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);

        // One from before deliveries were kept was in the app.
        var overall = notification.Deliveries.Count == 0 && notification.InApp
            ? NotificationState.Stored
            : NotificationStates.Overall(notification.Deliveries.Select(one => one.State));
        return new NotificationView(
            notification.Id,
            notification.InApp ? notification.Title : null,
            notification.InApp ? notification.Text : null,
            notification.MessageId,
            notification.Priority,
            notification.CreatedAt,
            notification.ReadAt)
        {
            Category = notification.Category,
            State = notification.ReadAt is not null ? "read" : JsonNamingPolicy.SnakeCaseLower.ConvertName($"{overall}"),
            Channels = [.. notification.Deliveries.OrderBy(one => one.Channel).Select(one => new ChannelView(one.Channel, one.State, one.Reason, one.Provider, one.ChangedAt))],
        };
    }

    /// <summary>Says which notification, and nothing of what it says: whatever prints this by mistake gives nothing away.</summary>
    public override string ToString() => $"Notification {NotificationId}";
}

/// <summary>A page of notifications, newest first.</summary>
/// <param name="Notifications">The notifications.</param>
/// <param name="UnreadCount">How many of the user's notifications were not read, on this page or elsewhere.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
internal sealed record NotificationPage(IReadOnlyList<NotificationView> Notifications, int UnreadCount, string? NextCursor);

/// <summary>How a notification went by a channel.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="State">How far it is.</param>
/// <param name="Reason">Why, in a word; null where that needs none.</param>
/// <param name="Provider">Which provider has sent it; null while none has.</param>
/// <param name="ChangedAt">Since when.</param>
internal sealed record ChannelView(NotificationType Channel, NotificationState State, string? Reason, string? Provider, DateTimeOffset ChangedAt);
