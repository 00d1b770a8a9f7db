using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Sends one message to many recipients, in chunks.</summary>
public sealed record BatchSendJob : JobData, IJobData<BatchSendJob>
{
    /// <inheritdoc/>
    public static string JobType => JobTypes.BatchSend;

    /// <inheritdoc/>
    public static string Queue => JobQueues.BatchMessageSending;

    /// <inheritdoc/>
    public static IValidator<BatchSendJob> Validator { get; } = new BatchSendJobValidator();

    /// <inheritdoc/>
    public static JsonTypeInfo<BatchSendJob> Json => JobsJsonContext.Strict.BatchSendJob;

    /// <inheritdoc/>
    public static string Example => """
        {
          "type": "batch-send",
          "data": {
            "senderId": "8b1f4b1e-3c1d-4d3b-9a57-2f0c7c1d9e11",
            "recipientIds": ["2d3f9a4c-7f55-4f0a-8d0e-6c1b5a4e8f22", "0c9e8d7f-6a5b-4c3d-8e2f-1a0b9c8d7e44"],
            "content": "Dear {{name}}, the practice is closed on Friday.",
            "templateVariables": { "name": "patient" },
            "createConversations": true,
            "chunkSize": 100
          },
          "options": { "priority": "LOW" }
        }
        """;

    /// <summary>The batch's id. Default: the job's.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>Who sends it. Required.</summary>
    public Guid SenderId { get; init; }

    /// <summary>Who is to get it: 1–100,000, each once. Required unless they have been uploaded.</summary>
    public IReadOnlyList<Guid> RecipientIds { get; init; } = [];

    /// <summary>Who is to get it, where they have been uploaded before: the upload's id. 1 MiB of data holds some 26,000 recipients, an upload 100,000.</summary>
    public Guid? RecipientsRef { get; init; }

    /// <summary>How many recipients the upload has. Required with <c>recipientsRef</c>.</summary>
    public int? RecipientCount { get; init; }

    /// <summary>What it says, a template with <c>{{variables}}</c>: 1–10,000 characters. Required.</summary>
    public string Content { get; init; } = string.Empty;

    /// <summary>
    /// The template's id. Where the service has a folder of templates, the template of that name is rendered, with the content as its variable
    /// <c>content</c>; else it is for the record.
    /// </summary>
    public string? TemplateId { get; init; }

    /// <summary>The template's variables for all recipients.</summary>
    public Dictionary<string, JsonElement>? TemplateVariables { get; init; }

    /// <summary>What single recipients get instead.</summary>
    public IReadOnlyList<CustomizedMessage>? CustomizedMessages { get; init; }

    /// <summary>The conversation of each recipient, in their order.</summary>
    public IReadOnlyList<Guid>? ConversationIds { get; init; }

    /// <summary>Whether recipients without a conversation get a new one.</summary>
    public bool? CreateConversations { get; init; }

    /// <summary>Whether its messages are to be stored encrypted. Default: false.</summary>
    public bool? RequiresEncryption { get; init; }

    /// <summary>Messages sent at once: 1–1,000. Default: 10.</summary>
    public int? ChunkSize { get; init; }

    /// <summary>The pause between chunks, in milliseconds. Default: 100.</summary>
    public int? ChunkDelay { get; init; }

    /// <summary>The id of a batch whose job names none: it is made of the job's, so that it is the same whenever it is asked for.</summary>
    /// <param name="jobId">The batch's job.</param>
    public static Guid BatchIdOf(string jobId) => MadeIds.Make("batch", jobId);
}

/// <summary>What a single recipient of a batch gets instead.</summary>
public sealed record CustomizedMessage
{
    /// <summary>The recipient; one of the batch's. Required.</summary>
    public Guid RecipientId { get; init; }

    /// <summary>The content instead of the batch's: 1–10,000 characters.</summary>
    public string? Content { get; init; }

    /// <summary>Variables besides, or instead of, the batch's.</summary>
    public Dictionary<string, JsonElement>? Variables { get; init; }
}

/// <summary>The rules of <see cref="BatchSendJob"/>.</summary>
public sealed class BatchSendJobValidator : AbstractValidator<BatchSendJob>
{
    /// <summary>The most recipients of one batch: 100,000.</summary>
    public const int MostRecipients = 100_000;

    /// <summary>Creates the validator.</summary>
    public BatchSendJobValidator()
    {
        RuleFor(job => job.BatchId).OptionalId();
        RuleFor(job => job.SenderId).Id();
        RuleFor(job => job.RecipientIds).NotEmpty().When(job => job.RecipientsRef is null).WithMessage("is required: 1 to 100000 UUIDs. More than fit into 1 MiB are uploaded.");
        RuleFor(job => job.RecipientsRef).OptionalId();
        When(job => job.RecipientsRef is not null, () =>
        {
            RuleFor(job => job.RecipientCount).NotNull().WithMessage("is required with recipientsRef: the number of its recipients.");
            RuleFor(job => job.RecipientIds).Empty().WithMessage("must be left out with recipientsRef: the upload has them.");
            RuleFor(job => job.CustomizedMessages).Empty().WithMessage("must be left out with recipientsRef: they belong into the upload's lines.");
            RuleFor(job => job.ConversationIds).Empty().WithMessage("must be left out with recipientsRef: they belong into the upload's lines.");
        });
        RuleFor(job => job.RecipientCount).Within(1, MostRecipients);
        RuleFor(job => job.RecipientIds).Must(ids => ids is null || ids.Count <= MostRecipients).WithMessage("must have at most 100000 UUIDs.");
        RuleFor(job => job.RecipientIds).Custom((ids, context) =>
        {
            // One message for the first wrong one: a list of 100,000 must not become 100,000 errors.
            var seen = new HashSet<Guid>(ids?.Count ?? 0);
            for (var i = 0; i < (ids?.Count ?? 0); i++)
            {
                if (ids![i] == Guid.Empty || !seen.Add(ids[i]))
                {
                    context.AddFailure(
                        string.Create(CultureInfo.InvariantCulture, $"RecipientIds[{i}]"),
                        ids[i] == Guid.Empty ? "must be a UUID that is not all zero." : "occurs before: recipients must be distinct.");
                    return;
                }
            }
        });
        RuleFor(job => job.Content).Text(10_000);
        RuleFor(job => job.TemplateId).OptionalText(100);
        RuleFor(job => job.CustomizedMessages).Each<BatchSendJob, CustomizedMessage>(message => message switch
        {
            null => (string.Empty, "must be an object."),
            { RecipientId: var id } when id == Guid.Empty => (nameof(message.RecipientId), "is required: a UUID (8-4-4-4-12 hexadecimal digits, not all zero)."),
            { Content: { } content } when content.Length is 0 or > 10_000 || content.Contains('\0', StringComparison.Ordinal) =>
                (nameof(message.Content), "must be text of 1 to 10000 characters without U+0000."),
            _ => null,
        });
        RuleFor(job => job.ConversationIds)
            .Must((job, ids) => ids is null || job.RecipientIds is not { Count: > 0 } || ids.Count == job.RecipientIds.Count)
            .WithMessage("must have as many UUIDs as recipientIds.");
        RuleFor(job => job.ConversationIds).EachId();
        RuleFor(job => job.ConversationIds).Must(ids => ids is null || ids.Distinct().Count() == ids.Count)
            .WithMessage("must be distinct: a batch's message is for one recipient, and in a shared conversation all of its members would get it.");
        RuleFor(job => job.ChunkSize).Within(1, 1_000);
        RuleFor(job => job.ChunkDelay).Within(0, int.MaxValue);
    }
}
