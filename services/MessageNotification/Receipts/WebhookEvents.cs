using System.Text.Json;
using System.Text.RegularExpressions;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Reads the events of mail and SMS providers in the form that most of them share: an object an event, alone, in an array, or as <c>event-data</c>. What an
/// event is called, and where it names the message, differs in spelling; what is not known is passed over, since providers add kinds as they like.
/// </summary>
internal static partial class WebhookEvents
{
    private static readonly string[] Names = ["event", "eventType", "type", "RecordType", "status"];
    private static readonly string[] Ids = ["smtp-id", "smtpId", "messageId", "message-id", "Message-Id", "MessageID", "providerId", "id"];

    /// <summary>The receipts in a body.</summary>
    /// <exception cref="JsonException">It is no JSON, or no object or array of objects.</exception>
    public static async Task<IReadOnlyList<Receipt>> ReadAsync(Stream body, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        JsonElement[] events = json.RootElement.ValueKind switch
        {
            JsonValueKind.Array => [.. json.RootElement.EnumerateArray()],
            JsonValueKind.Object => [json.RootElement],
            _ => throw new JsonException("must be an event, or an array of events."),
        };
        return [.. events.Select(one => Read(one, now)).OfType<Receipt>()];
    }

    private static Receipt? Read(JsonElement item, DateTimeOffset now)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("must be an event, or an array of events.");
        }

        if (item.TryGetProperty("event-data", out var inner) && inner.ValueKind == JsonValueKind.Object)
        {
            item = inner;
        }

        if (First(item, Names) is not { } name)
        {
            return null;
        }

        var code = First(item, ["status", "code", "error-code", "errorCode"]) is { } text && Code().IsMatch(text) ? text : null;
        var isTemporary = First(item, ["severity", "bounceType", "bounce_type"])?.ToLowerInvariant() is "temporary" or "transient" or "soft"
            || First(item, ["type"])?.ToLowerInvariant() == "blocked" || code?.StartsWith('4') == true;
        (NotificationState State, SuppressionReason? Suppress)? meaning = name.ToLowerInvariant().Replace("_", string.Empty, StringComparison.Ordinal) switch
        {
            "delivered" or "delivery" => (NotificationState.Delivered, null),

            // What is only late is still on its way.
            "failed" or "bounce" or "bounced" or "hardbounce" or "undelivered" when isTemporary && name.Equals("failed", StringComparison.OrdinalIgnoreCase) => null,
            "failed" or "bounce" or "bounced" or "hardbounce" or "undelivered" =>
                (NotificationState.Bounced, isTemporary || (code is not null && code.Contains('.', StringComparison.Ordinal) && !MailCodes.IsNoAddress(code)) ? null : SuppressionReason.Bounced),
            "complaint" or "complained" or "spamreport" or "spamcomplaint" or "spam" => (NotificationState.Complained, SuppressionReason.Complained),
            "unsubscribe" or "unsubscribed" or "groupunsubscribe" or "subscriptionchange" => (NotificationState.Unsubscribed, null),
            _ => null,
        };
        if (meaning is not { } known)
        {
            return null;
        }

        var channel = First(item, ["channel"])?.ToLowerInvariant() == "sms" ? NotificationType.Sms : NotificationType.Email;
        return new Receipt(channel, known.State, TimeOf(item) ?? now)
        {
            ProviderId = IdIn(item) is { } id ? (channel == NotificationType.Email ? $"<{id.Trim('<', '>', ' ')}>" : id) : null,
            NotificationId = First(item, ["notificationId", "notification_id"]) is { } given && Guid.TryParse(given, out var notification) ? notification : null,
            Code = code,
            Suppress = known.Suppress,
        };
    }

    // Some name the message in its headers, as it was sent.
    private static string? IdIn(JsonElement item) =>
        item.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object
        && message.TryGetProperty("headers", out var headers) && headers.ValueKind == JsonValueKind.Object && First(headers, Ids) is { } inHeaders
            ? inHeaders
            : First(item, Ids);

    private static DateTimeOffset? TimeOf(JsonElement item)
    {
        if (item.TryGetProperty("timestamp", out var time) || item.TryGetProperty("at", out time))
        {
            return time.ValueKind switch
            {
                JsonValueKind.Number when time.TryGetDouble(out var seconds) && seconds is > 0 and < 10_000_000_000 => DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1_000)),
                JsonValueKind.String when time.TryGetDateTimeOffset(out var moment) => moment,
                _ => null,
            };
        }

        return null;
    }

    private static string? First(JsonElement item, string[] names)
    {
        foreach (var name in names)
        {
            if (item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }

    // A reason in words may hold the address.
    [GeneratedRegex(@"\A[0-9A-Za-z._-]{1,40}\z")]
    private static partial Regex Code();
}
