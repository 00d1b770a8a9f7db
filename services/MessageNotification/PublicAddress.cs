using System.Globalization;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>Where the internet reaches this service, through whatever stands before it.</summary>
internal sealed class PublicAddress(IOptions<NotificationOptions> options)
{
    public const string TwilioPath = "/notifications/receipts/twilio";
    public const string UnsubscribePath = "/notifications/unsubscribe";

    /// <summary>The query parameter that names the notification of a receipt.</summary>
    public const string NotificationParameter = "notification";

    private readonly string? _base = options.Value.PublicUrl is { Length: > 0 } set ? set.TrimEnd('/') : null;

    public bool IsKnown => _base is not null;

    /// <summary>A path as the outside knows it; null where that is not known.</summary>
    public Uri? Of(string pathAndQuery) => _base is null ? null : new Uri(_base + pathAndQuery);

    /// <summary>Where Twilio tells what became of an SMS. The notification is named, since the receipt may come before the answer that names the SMS.</summary>
    public Uri? TwilioCallback(Guid notificationId) => Of(string.Create(CultureInfo.InvariantCulture, $"{TwilioPath}?{NotificationParameter}={notificationId:D}"));
}
