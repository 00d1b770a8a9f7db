using System.Text.Json.Serialization;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>What is kept of a notification in its job's record: what became of it, and nothing of what it says or where it went.</summary>
/// <param name="NotificationId">The notification.</param>
/// <param name="Channel">How it went.</param>
/// <param name="Result">What became of it.</param>
internal sealed record SendNotificationResult(Guid NotificationId, NotificationType Channel, NotificationState Result) : IJobResult<SendNotificationJob>
{
    /// <summary>Why, in a word: see <see cref="Reasons"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>Which provider has sent it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Provider { get; init; }

    /// <summary>What the provider knows it by: an e-mail's Message-ID, an SMS' SID.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProviderId { get; init; }

    /// <summary>For push: what became of each device, in the order of the job's device tokens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DeviceResult>? Devices { get; init; }

    /// <summary>For in-app: to how many connections of the user it was pushed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PushedTo { get; init; }
}

/// <summary>What became of a push to one device.</summary>
/// <param name="Result">The result.</param>
/// <param name="Error">FCM's error code, where it was refused.</param>
internal sealed record DeviceResult(PushResult Result, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error = null);

/// <summary>What became of a push to one device.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PushResult>))]
internal enum PushResult
{
    /// <summary>FCM has taken it.</summary>
    [JsonStringEnumMemberName("sent")]
    Sent,

    /// <summary>The app is gone from the device, or the token is old: forget it.</summary>
    [JsonStringEnumMemberName("unregistered")]
    Unregistered,

    /// <summary>FCM refuses it for this device.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,
}
