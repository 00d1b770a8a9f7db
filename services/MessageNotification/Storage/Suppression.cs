using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>An address that nothing is sent to any more.</summary>
internal sealed class Suppression
{
    public required Guid Id { get; init; }

    public required NotificationType Channel { get; init; }

    /// <summary>The address in the form that addresses are compared in.</summary>
    public required string Address { get; init; }

    public required SuppressionReason Reason { get; init; }

    /// <summary>What the provider said, as a code, for example <c>5.1.1</c>.</summary>
    public string? Detail { get; init; }

    /// <summary>The notification whose receipt it was.</summary>
    public Guid? NotificationId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Why nothing is sent to an address.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SuppressionReason>))]
internal enum SuppressionReason
{
    /// <summary>There is no such address.</summary>
    [JsonStringEnumMemberName("bounced")]
    Bounced,

    /// <summary>Its owner has called a mail spam.</summary>
    [JsonStringEnumMemberName("complained")]
    Complained,

    /// <summary>Its owner has answered STOP.</summary>
    [JsonStringEnumMemberName("stop")]
    Stop,

    /// <summary>An operator has put it on the list.</summary>
    [JsonStringEnumMemberName("manual")]
    Manual,
}
