using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Tells how far a message has come.</summary>
public sealed record DeliveryConfirmationJob : JobData, IJobData<DeliveryConfirmationJob>
{
    /// <inheritdoc/>
    public static string JobType => JobTypes.DeliveryConfirmation;

    /// <inheritdoc/>
    public static string Queue => JobQueues.MessageDelivery;

    /// <inheritdoc/>
    public static IValidator<DeliveryConfirmationJob> Validator { get; } = new DeliveryConfirmationJobValidator();

    /// <inheritdoc/>
    public static JsonTypeInfo<DeliveryConfirmationJob> Json => JobsJsonContext.Strict.DeliveryConfirmationJob;

    /// <inheritdoc/>
    public static string Example => """
        {
          "type": "delivery-confirmation",
          "data": {
            "messageId": "f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33",
            "recipientId": "2d3f9a4c-7f55-4f0a-8d0e-6c1b5a4e8f22",
            "status": "read",
            "readAt": "2026-11-30T09:30:00Z"
          }
        }
        """;

    /// <summary>The message. Required.</summary>
    public Guid MessageId { get; init; }

    /// <summary>Its recipient. Required.</summary>
    public Guid RecipientId { get; init; }

    /// <summary>How far it has come. Required.</summary>
    public MessageStatus Status { get; init; }

    /// <summary>When it was delivered.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When it was read.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Why it could not be delivered: at most 500 characters.</summary>
    public string? FailureReason { get; init; }
}

/// <summary>How far a message has come; never backwards, and failed only from pending or sent.</summary>
[JsonConverter(typeof(MessageStatusJsonConverter))]
public enum MessageStatus
{
    /// <summary>Stored.</summary>
    Pending = 1,

    /// <summary>On its way to the recipient.</summary>
    Sent,

    /// <summary>The recipient's device has it.</summary>
    Delivered,

    /// <summary>The recipient has read it.</summary>
    Read,

    /// <summary>It cannot be delivered.</summary>
    Failed,
}

/// <summary>The rules of <see cref="DeliveryConfirmationJob"/>.</summary>
public sealed class DeliveryConfirmationJobValidator : AbstractValidator<DeliveryConfirmationJob>
{
    /// <summary>Creates the validator.</summary>
    public DeliveryConfirmationJobValidator()
    {
        RuleFor(job => job.MessageId).Id();
        RuleFor(job => job.RecipientId).Id();
        RuleFor(job => job.Status).Word();
        RuleFor(job => job.FailureReason).OptionalText(500);
    }
}
