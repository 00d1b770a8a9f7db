using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Stores a message, encrypts it first when asked, and pushes it to its recipient.</summary>
public sealed record SendMessageJob : JobData, IJobData<SendMessageJob>
{
    /// <inheritdoc/>
    public static string JobType => JobTypes.SendMessage;

    /// <inheritdoc/>
    public static string Queue => JobQueues.MessageDelivery;

    /// <inheritdoc/>
    public static IValidator<SendMessageJob> Validator { get; } = new SendMessageJobValidator();

    /// <inheritdoc/>
    public static JsonTypeInfo<SendMessageJob> Json => JobsJsonContext.Strict.SendMessageJob;

    /// <inheritdoc/>
    public static string Example => """
        {
          "type": "send-message",
          "data": {
            "messageId": "f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33",
            "senderId": "8b1f4b1e-3c1d-4d3b-9a57-2f0c7c1d9e11",
            "recipientId": "2d3f9a4c-7f55-4f0a-8d0e-6c1b5a4e8f22",
            "conversationId": "0c9e8d7f-6a5b-4c3d-8e2f-1a0b9c8d7e44",
            "content": "Your appointment is on Monday at 9:30.",
            "requiresEncryption": true
          },
          "options": { "priority": "HIGH" }
        }
        """;

    /// <summary>The message's id: the same id again changes nothing. Required.</summary>
    public Guid MessageId { get; init; }

    /// <summary>Who sends it. Required.</summary>
    public Guid SenderId { get; init; }

    /// <summary>
    /// Who is to get it: a member of the conversation, or whoever the conversation begins with. In a conversation of several members all of them get it;
    /// there the conversation's own id stands for all of them. Required.
    /// </summary>
    public Guid RecipientId { get; init; }

    /// <summary>The conversation it belongs to. Required.</summary>
    public Guid ConversationId { get; init; }

    /// <summary>What it says: 1–10,000 characters. Required.</summary>
    public string Content { get; init; } = string.Empty;

    /// <summary>Whether the content is to be stored encrypted. Default: false.</summary>
    public bool? RequiresEncryption { get; init; }

    /// <summary>What kind of message it is. Default: <c>text</c>.</summary>
    public string? MessageType { get; init; }

    /// <summary>Ids of what is attached, as uploads answered with.</summary>
    public IReadOnlyList<string>? Attachments { get; init; }
}

/// <summary>The rules of <see cref="SendMessageJob"/>.</summary>
public sealed class SendMessageJobValidator : AbstractValidator<SendMessageJob>
{
    /// <summary>Creates the validator.</summary>
    public SendMessageJobValidator()
    {
        RuleFor(job => job.MessageId).Id();
        RuleFor(job => job.SenderId).Id();
        RuleFor(job => job.RecipientId).Id();
        RuleFor(job => job.ConversationId).Id();
        RuleFor(job => job.Content).Text(10_000);
        RuleFor(job => job.MessageType).OptionalText(100);
        RuleFor(job => job.Attachments).EachText(2_048);
    }
}
