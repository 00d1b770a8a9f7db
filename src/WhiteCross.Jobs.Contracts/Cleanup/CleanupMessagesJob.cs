using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Removes what is past its retention.</summary>
public sealed record CleanupMessagesJob : JobData, IJobData<CleanupMessagesJob>
{
    /// <inheritdoc/>
    public static string JobType => JobTypes.CleanupMessages;

    /// <inheritdoc/>
    public static string Queue => JobQueues.MessageCleanup;

    /// <inheritdoc/>
    public static IValidator<CleanupMessagesJob> Validator { get; } = new CleanupMessagesJobValidator();

    /// <inheritdoc/>
    // What narrows a clean-up must not be passed over because of a typing error.
    public static JsonTypeInfo<CleanupMessagesJob> Json => JobsJsonContext.Closed.CleanupMessagesJob;

    /// <inheritdoc/>
    public static string Example => """
        {
          "type": "cleanup-messages",
          "data": { "cleanupType": "old_messages", "retentionDays": 365, "dryRun": true }
        }
        """;

    /// <summary>What to remove. Required.</summary>
    public CleanupType CleanupType { get; init; }

    /// <summary>Remove what is older; instead of <c>retentionDays</c>.</summary>
    public DateTimeOffset? OlderThan { get; init; }

    /// <summary>Remove what is older than this many days: 1–3,650. Default: 90.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>Only of these conversations; of none where the list is empty, of all where it is left out.</summary>
    public IReadOnlyList<Guid>? ConversationIds { get; init; }

    /// <summary>Only of these users; of none where the list is empty, of all where it is left out. For <c>person</c>: the one person to erase.</summary>
    public IReadOnlyList<Guid>? UserIds { get; init; }

    /// <summary>How many to remove at once: 1–10,000. Default: 1,000.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Only count. Default: false.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>What a clean-up removes.</summary>
[JsonConverter(typeof(CleanupTypeJsonConverter))]
public enum CleanupType
{
    /// <summary>Messages past their retention.</summary>
    OldMessages = 1,

    /// <summary>Conversations that have been deleted, with their messages.</summary>
    DeletedConversations,

    /// <summary>Attachments past their retention.</summary>
    ExpiredAttachments,

    /// <summary>Everything of one person, whatever its age: the erasure that the person asks for.</summary>
    Person,
}

/// <summary>The rules of <see cref="CleanupMessagesJob"/>.</summary>
public sealed class CleanupMessagesJobValidator : AbstractValidator<CleanupMessagesJob>
{
    /// <summary>Creates the validator.</summary>
    public CleanupMessagesJobValidator()
    {
        RuleFor(job => job.CleanupType).Word();
        RuleFor(job => job.RetentionDays).Within(1, 3_650);
        RuleFor(job => job.ConversationIds).EachId();
        RuleFor(job => job.UserIds).EachId();
        RuleFor(job => job.BatchSize).Within(1, 10_000);
        RuleFor(job => job.OlderThan).Null().When(job => job.RetentionDays is not null && job.CleanupType != CleanupType.Person)
            .WithMessage("and retentionDays both say what goes; give one of them.");
        When(job => job.CleanupType == CleanupType.Person, () =>
        {
            RuleFor(job => job.UserIds).Must(users => users is { Count: 1 }).WithMessage("must name the one person to erase: a list of one uuid.");
            RuleFor(job => job.OlderThan).Null().WithMessage("has no place here: a person is erased whole, whatever the age; leave it out.");
            RuleFor(job => job.RetentionDays).Null().WithMessage("has no place here: a person is erased whole, whatever the age; leave it out.");
            RuleFor(job => job.ConversationIds).Null().WithMessage("has no place here: a person is erased from all conversations; leave it out.");
        });
    }
}
