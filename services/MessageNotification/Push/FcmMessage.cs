using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>FCM's request: <c>projects.messages.send</c>.</summary>
/// <param name="Message">The message.</param>
internal sealed record FcmRequest(FcmMessage Message);

/// <summary>FCM's message to one device.</summary>
internal sealed record FcmMessage(string Token, FcmNotification Notification, Dictionary<string, string>? Data, FcmAndroid Android, FcmApns Apns)
{
    /// <summary>The message of a job to one of its devices.</summary>
    public static FcmMessage Of(SendNotificationJob data, Guid notificationId, string token)
    {
        var payload = data.PushPayload;
        var isUrgent = data.Priority is NotificationPriority.High or NotificationPriority.Urgent;
        return new FcmMessage(
            token,
            new FcmNotification(payload?.Title ?? data.Title, payload?.Body ?? data.Message, payload?.Icon),
            DataOf(payload, notificationId),
            new FcmAndroid(isUrgent ? "HIGH" : "NORMAL", new FcmAndroidNotification(payload?.ClickAction, $"{notificationId:D}")),
            new FcmApns(new Dictionary<string, string>
            {
                ["apns-priority"] = isUrgent ? "10" : "5",
                ["apns-collapse-id"] = $"{notificationId:D}",
            }));
    }

    // FCM takes text only; an app parses the rest again.
    private static Dictionary<string, string> DataOf(PushPayload? payload, Guid notificationId)
    {
        var data = payload?.Data?.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.ValueKind == JsonValueKind.String ? pair.Value.GetString()! : pair.Value.GetRawText()) ?? [];
        data.TryAdd("notificationId", $"{notificationId:D}");
        return data;
    }
}

/// <summary>What is shown.</summary>
internal sealed record FcmNotification(string Title, string Body, string? Image);

/// <summary>What Android needs to know besides.</summary>
internal sealed record FcmAndroid(string Priority, FcmAndroidNotification Notification);

/// <summary>What a tap opens, and the tag by which the same notification again takes the place of the first.</summary>
internal sealed record FcmAndroidNotification([property: JsonPropertyName("click_action")] string? ClickAction, string Tag);

/// <summary>What iOS needs to know besides.</summary>
internal sealed record FcmApns(Dictionary<string, string> Headers);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FcmRequest))]
internal sealed partial class FcmJsonContext : JsonSerializerContext;
