using System.ComponentModel.DataAnnotations;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>How long a notification that cannot be sent is tried, and how often. Section <c>Notifications</c>.</summary>
internal sealed class NotificationOptions : ICheckedSettings
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

    /// <summary>After a mail to a user, further ones of the same category within so long go as one mail, 1 min–1 d. Default: none, each goes by itself.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan? DigestWindow { get; set; }

    /// <summary>The subject of a mail that is made of several, in which <c>{count}</c> stands for how many. Default: <c>{count} new notifications</c>.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string DigestSubject { get; set; } = "{count} new notifications";

    /// <summary>When a notification that escalates and is not read goes as a push, 1 s–1 d. Default: 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan EscalatePushAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>When it goes as an SMS, 1 s–7 d. Default: 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan EscalateSmsAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long notifications are kept, with what became of them, 1 d–10 y. Default: 90 d.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3653.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// The address under which the internet reaches this service, through whatever stands before it: an https address, for example
    /// <c>https://api.example.org</c>. Providers call back there, and links in mails lead there. Default: none, and neither happens.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>The secret that links in mails are signed with, at least 32 characters. Default: none, and mails have no link to unsubscribe.</summary>
    [StringLength(1_000, MinimumLength = 32)]
    public string? LinkKey { get; set; }

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        if (MaxRetry < FirstRetry)
        {
            yield return $"{section}:MaxRetry must not be shorter than {section}:FirstRetry.";
        }

        if (PublicUrl is { Length: > 0 } address
            && (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))))
        {
            yield return $"{section}:PublicUrl must be an absolute https address without a query, like https://api.example.org; http is taken for localhost only.";
        }

        if (LinkKey is { Length: > 0 } && string.IsNullOrEmpty(PublicUrl))
        {
            yield return $"{section}:PublicUrl must be set when {section}:LinkKey is: the links lead there.";
        }
    }
}
