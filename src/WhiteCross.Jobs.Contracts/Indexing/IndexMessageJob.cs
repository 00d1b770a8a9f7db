using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Puts a message into the full-text index, changes it there, or takes it out.</summary>
public sealed record IndexMessageJob : JobData, IJobData<IndexMessageJob>
{
    /// <inheritdoc/>
    public static string JobType => JobTypes.IndexMessage;

    /// <inheritdoc/>
    public static string Queue => JobQueues.MessageIndexing;

    /// <inheritdoc/>
    public static IValidator<IndexMessageJob> Validator { get; } = new IndexMessageJobValidator();

    /// <inheritdoc/>
    public static JsonTypeInfo<IndexMessageJob> Json => JobsJsonContext.Strict.IndexMessageJob;

    /// <inheritdoc/>
    public static string Example => """
        {
          "type": "index-message",
          "data": {
            "messageId": "f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33",
            "operation": "index",
            "content": "Your appointment is on Monday at 9:30.",
            "senderId": "8b1f4b1e-3c1d-4d3b-9a57-2f0c7c1d9e11",
            "conversationId": "0c9e8d7f-6a5b-4c3d-8e2f-1a0b9c8d7e44"
          }
        }
        """;

    /// <summary>The message. Required, unless the whole index is meant.</summary>
    public Guid MessageId { get; init; }

    /// <summary>What to do. Required.</summary>
    public IndexOperation Operation { get; init; }

    /// <summary>What the message says. Required unless it is deleted.</summary>
    public string? Content { get; init; }

    /// <summary>Who sent it.</summary>
    public Guid? SenderId { get; init; }

    /// <summary>Who got it: like its sender, finds it.</summary>
    public Guid? RecipientId { get; init; }

    /// <summary>Who has it beside these two, in a conversation of several members: they find it too.</summary>
    public IReadOnlyList<Guid>? MemberIds { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset? MessageTimestamp { get; init; }
}

/// <summary>What to do with a message in the index.</summary>
[JsonConverter(typeof(IndexOperationJsonConverter))]
public enum IndexOperation
{
    /// <summary>Put it in.</summary>
    Index = 1,

    /// <summary>Change it.</summary>
    Update,

    /// <summary>Take it out.</summary>
    Delete,

    /// <summary>Make the whole index from the messages that there are; what there is not goes. Searching goes on meanwhile.</summary>
    Rebuild,

    /// <summary>Count in what the index and the messages differ, and change nothing.</summary>
    Check,
}

/// <summary>What there is to know of operations.</summary>
public static class IndexOperations
{
    /// <summary>Whether an operation means the whole index, and no message.</summary>
    /// <param name="operation">The operation.</param>
    public static bool IsOfWholeIndex(this IndexOperation operation) => operation is IndexOperation.Rebuild or IndexOperation.Check;
}

/// <summary>The rules of <see cref="IndexMessageJob"/>.</summary>
public sealed class IndexMessageJobValidator : AbstractValidator<IndexMessageJob>
{
    /// <summary>Creates the validator.</summary>
    public IndexMessageJobValidator()
    {
        RuleFor(job => job.MessageId).Id().When(job => !job.Operation.IsOfWholeIndex());
        RuleFor(job => job.Operation).Word();
        RuleFor(job => job.Content).Must(content => !string.IsNullOrEmpty(content)).When(job => job.Operation != IndexOperation.Delete && !job.Operation.IsOfWholeIndex()).WithMessage("is required unless operation is delete.");
        RuleFor(job => job.Content).OptionalText();
        RuleFor(job => job.SenderId).OptionalId();
        RuleFor(job => job.RecipientId).OptionalId();
        RuleFor(job => job.MemberIds).EachId();
        RuleFor(job => job.ConversationId).OptionalId();
    }
}
