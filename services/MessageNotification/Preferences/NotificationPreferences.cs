using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>What a user wants to be notified by, and when. Without any, a user wants everything, at any time.</summary>
internal sealed class NotificationPreferences
{
    /// <summary>The user.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The channels that the user does not want.</summary>
    public NotificationChannels OptedOut { get; set; }

    /// <summary>The channels that the user does not want for single categories, as <see cref="CategoryChoices"/> writes them.</summary>
    public string? Categories { get; set; }

    /// <summary>How many minutes of mails become one after the first; 0 for never, null for what the service's settings say.</summary>
    public int? DigestMinutes { get; set; }

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

    /// <summary>Whether a notification is not wanted, however urgent it is.</summary>
    /// <param name="channel">How it would come.</param>
    /// <param name="category">What kind it is.</param>
    public bool IsOptedOut(NotificationType channel, NotificationCategory? category) => OptedOut.HasFlag(channel.ToFlag())
        || (CategoryChoices.NameOf(category) is { } name && CategoryChoices.Read(Categories).GetValueOrDefault(name).HasFlag(channel.ToFlag()));

    /// <summary>
    /// Until when a notification has to wait, since its recipient is not to be disturbed. Urgent ones and one-time codes come in quiet hours, and so do those
    /// in the app, which disturb nobody who is not using it.
    /// </summary>
    /// <param name="channel">How it would come.</param>
    /// <param name="isUrgent">Whether it cannot wait.</param>
    /// <param name="now">When it would come.</param>
    /// <returns>Until when; null when it need not wait.</returns>
    public DateTimeOffset? QuietUntil(NotificationType channel, bool isUrgent, DateTimeOffset now) =>
        isUrgent || channel == NotificationType.InApp ? null : QuietHours?.EndAfter(now);

    private static TimeOnly TimeOf(int minutes) => TimeOnly.MinValue.AddMinutes(minutes);

    private static int? MinutesOf(TimeOnly? time) => time is { } value ? (value.Hour * 60) + value.Minute : null;
}
