using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Notifies a person by one channel.</summary>
public sealed record SendNotificationJob : JobData, IJobData<SendNotificationJob>
{
    /// <inheritdoc/>
    public static string JobType => JobTypes.SendNotification;

    /// <inheritdoc/>
    public static string Queue => JobQueues.MessageNotification;

    /// <inheritdoc/>
    public static IValidator<SendNotificationJob> Validator { get; } = new SendNotificationJobValidator();

    /// <inheritdoc/>
    public static JsonTypeInfo<SendNotificationJob> Json => JobsJsonContext.Strict.SendNotificationJob;

    /// <inheritdoc/>
    public static string Example => """
        {
          "type": "send-notification",
          "data": {
            "recipientId": "2d3f9a4c-7f55-4f0a-8d0e-6c1b5a4e8f22",
            "type": "email",
            "title": "New message",
            "message": "You have a new message. Open the app to read it.",
            "recipientEmail": "name@example.org"
          }
        }
        """;

    /// <summary>The notification's id. Default: the job's.</summary>
    public Guid? NotificationId { get; init; }

    /// <summary>Who is notified. Required.</summary>
    public Guid RecipientId { get; init; }

    /// <summary>By which channel. Required.</summary>
    public NotificationType Type { get; init; }

    /// <summary>What it is about: 1–200 characters. Required.</summary>
    public string Title { get; init; } = string.Empty;

    /// <summary>What it says: 1–1,000 characters. Required.</summary>
    public string Message { get; init; } = string.Empty;

    /// <summary>The message it is about.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>How urgent the notification is to its recipient; the job's own priority is in its options. Default: normal.</summary>
    public NotificationPriority? Priority { get; init; }

    /// <summary>What kind of notification it is. Default: none.</summary>
    public NotificationCategory? Category { get; init; }

    /// <summary>
    /// When it comes too late: what could not be sent until then fails as expired. Default: as the service's settings say, a day, and five minutes for a
    /// one-time code.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// In the app: goes on as a push, and then as an SMS, while its recipient does not read it. For a push or an SMS: one that is left out where the recipient
    /// has read it, or cannot be reached that way. Default: false.
    /// </summary>
    public bool? Escalate { get; init; }

    /// <summary>The recipient's e-mail address, for type <c>email</c>. Default: the one that the recipient has registered.</summary>
    public string? RecipientEmail { get; init; }

    /// <summary>The recipient's phone number in E.164, for type <c>sms</c>. Default: the one that the recipient has registered.</summary>
    public string? RecipientPhone { get; init; }

    /// <summary>The recipient's devices, for type <c>push</c>. Default: those that the recipient has registered.</summary>
    public IReadOnlyList<string>? DeviceTokens { get; init; }

    /// <summary>What a push says, where it differs from title and message.</summary>
    public PushPayload? PushPayload { get; init; }

    /// <summary>What an e-mail says, where it differs from title and message.</summary>
    public EmailPayload? EmailPayload { get; init; }
}

/// <summary>The channels of a notification.</summary>
[JsonConverter(typeof(NotificationTypeJsonConverter))]
public enum NotificationType
{
    /// <summary>To the recipient's devices.</summary>
    Push = 1,

    /// <summary>By e-mail.</summary>
    Email,

    /// <summary>By SMS.</summary>
    Sms,

    /// <summary>In the app: stored, and shown where the recipient is connected.</summary>
    InApp,
}

/// <summary>The kinds of notifications, as far as they are treated differently.</summary>
[JsonConverter(typeof(NotificationCategoryJsonConverter))]
public enum NotificationCategory
{
    /// <summary>A code to log in with: useless after some minutes, and never held back.</summary>
    OneTimeCode = 1,

    /// <summary>An appointment was made, moved or called off.</summary>
    Appointment,

    /// <summary>A result is there.</summary>
    Result,

    /// <summary>A reminder.</summary>
    Reminder,

    /// <summary>News that nobody needs.</summary>
    Marketing,
}

/// <summary>How urgent a notification is to its recipient.</summary>
[JsonConverter(typeof(NotificationPriorityJsonConverter))]
public enum NotificationPriority
{
    /// <summary>Need not be noticed at once.</summary>
    Low = 1,

    /// <summary>The default.</summary>
    Normal,

    /// <summary>To be noticed soon.</summary>
    High,

    /// <summary>To be noticed at once.</summary>
    Urgent,
}

/// <summary>What a push notification says.</summary>
public sealed record PushPayload
{
    /// <summary>1–100 characters. Required.</summary>
    public string Title { get; init; } = string.Empty;

    /// <summary>1–500 characters. Required.</summary>
    public string Body { get; init; } = string.Empty;

    /// <summary>The http or https URL of a picture.</summary>
    public string? Icon { get; init; }

    /// <summary>What a tap opens.</summary>
    public string? ClickAction { get; init; }

    /// <summary>What the app gets with it.</summary>
    public Dictionary<string, JsonElement>? Data { get; init; }
}

/// <summary>What an e-mail says.</summary>
public sealed record EmailPayload
{
    /// <summary>1–200 characters, on one line. Required.</summary>
    public string Subject { get; init; } = string.Empty;

    /// <summary>The HTML part. Required.</summary>
    public string HtmlBody { get; init; } = string.Empty;

    /// <summary>The text part.</summary>
    public string? TextBody { get; init; }

    /// <summary>The template to render instead of the parts.</summary>
    public string? TemplateId { get; init; }

    /// <summary>The template's variables.</summary>
    public Dictionary<string, JsonElement>? TemplateData { get; init; }

    /// <summary>Files to go with it, at most 10; together with the rest they must fit in a job.</summary>
    public IReadOnlyList<EmailAttachment>? Attachments { get; init; }
}

/// <summary>A file that goes with an e-mail.</summary>
public sealed record EmailAttachment
{
    /// <summary>Its name: 1–200 characters, without a folder. Required.</summary>
    public string FileName { get; init; } = string.Empty;

    /// <summary>Its type, for example <c>application/pdf</c>. Default: <c>application/octet-stream</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>What is in it, in base64. Required.</summary>
    public byte[] Content { get; init; } = [];
}

/// <summary>The rules of <see cref="SendNotificationJob"/>.</summary>
public sealed class SendNotificationJobValidator : AbstractValidator<SendNotificationJob>
{
    /// <summary>Creates the validator.</summary>
    public SendNotificationJobValidator()
    {
        RuleFor(job => job.NotificationId).OptionalId();
        RuleFor(job => job.RecipientId).Id();
        RuleFor(job => job.Type).Word();
        RuleFor(job => job.Title).Text(200);
        RuleFor(job => job.Message).Text(1_000);
        RuleFor(job => job.MessageId).OptionalId();
        RuleFor(job => job.Category).IsInEnum().WithMessage("must be one_time_code, appointment, result, reminder or marketing.");
        RuleFor(job => job.RecipientEmail).Email();
        RuleFor(job => job.RecipientPhone).Phone();
        RuleFor(job => job.DeviceTokens).Must(tokens => tokens is null || tokens.Count > 0).When(job => job.Type == NotificationType.Push)
            .WithMessage("must not be empty: leave it out for the devices that the recipient has registered.");
        RuleFor(job => job.DeviceTokens).EachText(4_096);
        RuleFor(job => job.PushPayload!).SetValidator(new PushPayloadValidator()).When(job => job.PushPayload is not null);
        RuleFor(job => job.EmailPayload!).SetValidator(new EmailPayloadValidator()).When(job => job.EmailPayload is not null);
    }
}

/// <summary>The rules of <see cref="PushPayload"/>.</summary>
public sealed class PushPayloadValidator : AbstractValidator<PushPayload>
{
    /// <summary>Creates the validator.</summary>
    public PushPayloadValidator()
    {
        RuleFor(payload => payload.Title).Text(100);
        RuleFor(payload => payload.Body).Text(500);
        RuleFor(payload => payload.Icon).WebAddress();
        RuleFor(payload => payload.ClickAction).OptionalText(2_048);
    }
}

/// <summary>The rules of <see cref="EmailPayload"/>.</summary>
public sealed class EmailPayloadValidator : AbstractValidator<EmailPayload>
{
    /// <summary>Creates the validator.</summary>
    public EmailPayloadValidator()
    {
        RuleFor(payload => payload.Subject).Text(200);
        RuleFor(payload => payload.Subject)
            .Must(subject => subject is null || subject.AsSpan().IndexOfAny('\r', '\n') < 0)
            .WithMessage("must be on one line.");
        RuleFor(payload => payload.HtmlBody).Text();
        RuleFor(payload => payload.TextBody).OptionalText();
        RuleFor(payload => payload.TemplateId).OptionalText(100);
        RuleFor(payload => payload.Attachments).Must(files => files is null || files.Count <= 10).WithMessage("must be at most 10.");
        RuleForEach(payload => payload.Attachments).SetValidator(new EmailAttachmentValidator());
        RuleFor(payload => payload.TemplateData).Null().When(payload => payload.TemplateId is null).WithMessage("is for a template: name it in templateId, or leave this out.");
    }
}

/// <summary>The rules of <see cref="EmailAttachment"/>.</summary>
public sealed partial class EmailAttachmentValidator : AbstractValidator<EmailAttachment>
{
    /// <summary>Creates the validator.</summary>
    public EmailAttachmentValidator()
    {
        RuleFor(file => file.FileName).Text(200);
        RuleFor(file => file.FileName)
            .Must(name => name is null || (name.AsSpan().IndexOfAny('/', '\\') < 0 && !name.Any(char.IsControl)))
            .WithMessage("must be a name without a folder and without control characters.");
        RuleFor(file => file.ContentType).Must(type => type is null || MediaType().IsMatch(type)).WithMessage("must be a media type, like application/pdf.");
        RuleFor(file => file.Content).NotEmpty().WithMessage("is required: the file's bytes in base64.");
    }

    // RFC 6838: names of registered types. Parameters would be headers of somebody else's making.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\z")]
    private static partial Regex MediaType();
}
