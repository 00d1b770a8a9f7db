using System.ComponentModel.DataAnnotations;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>How long a notification that cannot be sent is tried, and how often. Section <c>Notifications</c>.</summary>
public sealed class NotificationOptions : ICheckedSettings
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Notifications";

    /// <summary>How long a notification without an <c>expiresAt</c> is tried, from its first run on, 1 min–7 d. Default: a day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The same for a one-time code, from when its job was added, 30 s–1 d. Default: 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan OneTimeCodeLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The time after the first failure, 1 s–1 h; twice as long after each further one. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time between two tries, 1 s–1 d. Default: 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxRetry { get; set; } = TimeSpan.FromHours(1);

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        if (MaxRetry < FirstRetry)
        {
            yield return $"{section}:MaxRetry must not be shorter than {section}:FirstRetry.";
        }
    }
}
