using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>A set of channels, as it is stored.</summary>
[Flags]
internal enum NotificationChannels
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Push.</summary>
    Push = 1,

    /// <summary>E-mail.</summary>
    Email = 2,

    /// <summary>SMS.</summary>
    Sms = 4,

    /// <summary>In the app.</summary>
    InApp = 8,
}

/// <summary>Turns the channels of jobs into sets and back.</summary>
internal static class NotificationChannelSets
{
    public static NotificationChannels ToFlag(this NotificationType channel) => channel switch
    {
        NotificationType.Push => NotificationChannels.Push,
        NotificationType.Email => NotificationChannels.Email,
        NotificationType.Sms => NotificationChannels.Sms,
        NotificationType.InApp => NotificationChannels.InApp,
        _ => NotificationChannels.None,
    };

    public static NotificationChannels ToFlags(this IEnumerable<NotificationType> channels) =>
        channels.Aggregate(NotificationChannels.None, (set, channel) => set | channel.ToFlag());

    public static IReadOnlyList<NotificationType> ToList(this NotificationChannels channels) =>
        [.. Enum.GetValues<NotificationType>().Where(channel => channels.HasFlag(channel.ToFlag()))];
}
