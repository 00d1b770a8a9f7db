using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Says how far a message has come.</summary>
public sealed record DeliveryConfirmationJob : IJobData
{
    /// <inheritdoc/>
    public static string JobType => "delivery-confirmation";

    /// <summary>The message's id.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The message's recipient.</summary>
    public required Guid RecipientId { get; init; }

    /// <summary>How far it has come.</summary>
    public required DeliveryStatus Status { get; init; }

    /// <summary>When a device of the recipient had it.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When the recipient read it.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Why it could not be delivered; at most 500 characters.</summary>
    public string? FailureReason { get; init; }

    /// <summary>When the job was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Who or what asked for the job.</summary>
    public string? InitiatedBy { get; init; }

    /// <summary>Anything else; kept with the job, not looked at.</summary>
    public JsonElement? Metadata { get; init; }
}

/// <summary>How far a message has come.</summary>
[JsonConverter(typeof(DeliveryStatusJsonConverter))]
public enum DeliveryStatus
{
    /// <summary>Not sent yet.</summary>
    Pending,

    /// <summary>Sent.</summary>
    Sent,

    /// <summary>On a device of the recipient.</summary>
    Delivered,

    /// <summary>Read.</summary>
    Read,

    /// <summary>Could not be delivered.</summary>
    Failed,
}

#pragma warning disable CA1308 // lower case is the wire's form, not a normalisation
/// <summary>Delivery statuses in lower case.</summary>
public sealed class DeliveryStatusJsonConverter() : WordJsonConverter<DeliveryStatus>(value => value.ToString().ToLowerInvariant());
#pragma warning restore CA1308
