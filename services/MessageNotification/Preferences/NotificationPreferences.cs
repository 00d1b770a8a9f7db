using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>What a user wants to be notified by, and when. Without any, a user wants everything, at any time.</summary>
public sealed class NotificationPreferences
{
    /// <summary>The reason of a notification by a channel that its recipient does not want.</summary>
    public const string OptedOutReason = "opted_out";

    /// <summary>The reason of a notification that would have come in its recipient's quiet hours.</summary>
    public const string QuietHoursReason = "quiet_hours";

    /// <summary>The user.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The channels that the user does not want.</summary>
    public NotificationChannels OptedOut { get; set; }

    /// <summary>When the quiet hours begin, in minutes since midnight; null for none.</summary>
    public int? QuietFrom { get; set; }

    /// <summary>When they end; before <see cref="QuietFrom"/> when that is on the next day.</summary>
    public int? QuietTo { get; set; }

    /// <summary>The time zone that they are meant in, an IANA id.</summary>
    public string? TimeZone { get; set; }

    /// <summary>The quiet hours.</summary>
    public QuietHours? QuietHours
    {
        get => QuietFrom is { } from && QuietTo is { } to && TimeZone is { } zone ? new QuietHours(TimeOf(from), TimeOf(to), zone) : null;
        set => (QuietFrom, QuietTo, TimeZone) = (MinutesOf(value?.From), MinutesOf(value?.To), value?.TimeZone);
    }

    /// <summary>
    /// Whether a notification is not wanted. Nothing overrides an opted-out channel; urgent notifications come in quiet hours, and so do those in the app,
    /// which disturb nobody who is not using it.
    /// </summary>
    /// <param name="channel">How it would come.</param>
    /// <param name="priority">How urgent it is.</param>
    /// <param name="now">When it would come.</param>
    /// <returns>Why not; null when it is wanted.</returns>
    public string? Suppresses(NotificationType channel, NotificationPriority priority, DateTimeOffset now) =>
        OptedOut.HasFlag(channel.ToFlag()) ? OptedOutReason
        : priority != NotificationPriority.Urgent && channel != NotificationType.InApp && QuietHours?.Include(now) == true ? QuietHoursReason
        : null;

    private static TimeOnly TimeOf(int minutes) => TimeOnly.MinValue.AddMinutes(minutes);

    private static int? MinutesOf(TimeOnly? time) => time is { } value ? (value.Hour * 60) + value.Minute : null;
}
