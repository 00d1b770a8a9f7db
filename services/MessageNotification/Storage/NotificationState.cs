using System.Text.Json.Serialization;

namespace WhiteCross.MessageNotification;

/// <summary>How far a notification is on its way by a channel.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NotificationState>))]
internal enum NotificationState
{
    /// <summary>Its job is there; nothing is sent yet.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>It waits: for the provider, for the end of quiet hours, for the mail that it goes in with others.</summary>
    [JsonStringEnumMemberName("deferred")]
    Deferred,

    /// <summary>A provider has taken it: for push, for at least one device.</summary>
    [JsonStringEnumMemberName("sent")]
    Sent,

    /// <summary>It is stored and went to no provider: for the user to see in the app; a mail in a folder, where no mail server is set.</summary>
    [JsonStringEnumMemberName("stored")]
    Stored,

    /// <summary>The provider says that it has arrived.</summary>
    [JsonStringEnumMemberName("delivered")]
    Delivered,

    /// <summary>The provider says that it could not be delivered.</summary>
    [JsonStringEnumMemberName("bounced")]
    Bounced,

    /// <summary>The recipient has called it spam.</summary>
    [JsonStringEnumMemberName("complained")]
    Complained,

    /// <summary>The recipient has unsubscribed with it.</summary>
    [JsonStringEnumMemberName("unsubscribed")]
    Unsubscribed,

    /// <summary>It is not sent: the recipient does not want it, or not there, or has read it already.</summary>
    [JsonStringEnumMemberName("suppressed")]
    Suppressed,

    /// <summary>None of the devices is registered any more.</summary>
    [JsonStringEnumMemberName("unregistered")]
    Unregistered,

    /// <summary>Its time ended before it could be sent.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    /// <summary>It was refused for good.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Nobody can tell whether the provider has taken it, and it is not sent again.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,
}

/// <summary>Which state follows which.</summary>
internal static class NotificationStates
{
    // The further down, the more is known: a receipt that comes late never takes that back.
    private static readonly NotificationState[] ByReceipts =
    [
        NotificationState.Queued, NotificationState.Deferred, NotificationState.Expired, NotificationState.Failed, NotificationState.Unknown, NotificationState.Sent,
        NotificationState.Stored, NotificationState.Delivered, NotificationState.Bounced, NotificationState.Complained, NotificationState.Unsubscribed,
    ];

    // Of several channels, what reached the recipient furthest is the notification's own state.
    private static readonly NotificationState[] ByReach =
    [
        NotificationState.Unsubscribed, NotificationState.Complained, NotificationState.Delivered, NotificationState.Sent, NotificationState.Stored,
        NotificationState.Unknown, NotificationState.Deferred, NotificationState.Queued, NotificationState.Bounced, NotificationState.Unregistered,
        NotificationState.Suppressed, NotificationState.Expired, NotificationState.Failed,
    ];

    /// <summary>Those states that a receipt of this one moves on.</summary>
    public static NotificationState[] Before(NotificationState receipt) => ByReceipts[..Math.Max(0, Array.IndexOf(ByReceipts, receipt))];

    /// <summary>Whether something has gone out, or may have: then no other job sends the notification by the same channel.</summary>
    public static bool IsOut(NotificationState state) => state is NotificationState.Sent or NotificationState.Stored or NotificationState.Delivered
        or NotificationState.Bounced or NotificationState.Complained or NotificationState.Unsubscribed or NotificationState.Unregistered or NotificationState.Unknown;

    /// <summary>The state of a notification as a whole.</summary>
    public static NotificationState Overall(IEnumerable<NotificationState> channels) =>
        channels.OrderBy(state => Array.IndexOf(ByReach, state)).FirstOrDefault(NotificationState.Queued);
}
