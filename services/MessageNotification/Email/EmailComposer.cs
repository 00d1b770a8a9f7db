using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using MimeKit;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Makes the mail of a job: a text and an HTML part, from the job's payload, a template, or title and message.</summary>
internal sealed class EmailComposer(IOptions<EmailOptions> options, EmailTemplates templates, TimeProvider time)
{
    private readonly MailboxAddress _sender = options.Value.Sender;

    /// <summary>Makes the mail. The same job has the same Message-ID in every attempt, so that a mail sent twice can be known for what it is.</summary>
    /// <exception cref="PermanentJobException">It cannot be made from the job's data.</exception>
    public async Task<MimeMessage> ComposeAsync(Job<SendNotificationJob> job, CancellationToken cancellationToken)
    {
        var data = job.Data;
        if (!MailboxAddress.TryParse(data.RecipientEmail, out var recipient) || !recipient.Address.Contains('@', StringComparison.Ordinal))
        {
            throw new PermanentJobException("recipientEmail: must be an e-mail address.");
        }

        var parts = await PartsAsync(data, cancellationToken);
        if (MailboxAddress.EncodeAddrspec(recipient.Address) is { } ascii)
        {
            // The domain's ASCII form reaches servers that know nothing of other scripts; only a local part in one needs SMTPUTF8.
            recipient = new MailboxAddress(recipient.Name, ascii);
        }

        var mail = new MimeMessage
        {
            MessageId = $"{NotificationIds.MessageIdOf(job.Id)}@{_sender.Domain}",
            Date = time.GetUtcNow(),
            Priority = data.Priority is NotificationPriority.High or NotificationPriority.Urgent ? MessagePriority.Urgent : MessagePriority.Normal,
            Body = new BodyBuilder { TextBody = Lines(parts.Text), HtmlBody = Lines(parts.Html) }.ToMessageBody(),
        };
        EncodedWords.SetSubject(mail, OnOneLine(parts.Subject));
        mail.From.Add(_sender);
        mail.To.Add(recipient);
        if (options.Value.ReplyTo is { } replyTo)
        {
            mail.ReplyTo.Add(MailboxAddress.Parse(replyTo));
        }

        mail.Headers.Add("Auto-Submitted", "auto-generated");
        return mail;
    }

    private async Task<(string Subject, string Text, string Html)> PartsAsync(SendNotificationJob data, CancellationToken cancellationToken)
    {
        var payload = data.EmailPayload;
        if (payload is null)
        {
            return (data.Title, data.Message, Html(data.Message));
        }

        if (payload.TemplateId is not { } templateId)
        {
            return (payload.Subject, payload.TextBody ?? PlainText.Of(payload.HtmlBody), payload.HtmlBody);
        }

        var rendered = await templates.RenderAsync(templateId, payload.TemplateData ?? new Dictionary<string, JsonElement>(), cancellationToken);
        return (rendered.Subject ?? payload.Subject, rendered.Text ?? payload.TextBody ?? PlainText.Of(rendered.Html), rendered.Html);
    }

    // A bare CR or LF ends a line for some relays and not for others; between the two a mail can be smuggled in.
    private static string Lines(string text) => text.ReplaceLineEndings("\r\n");

    private static string OnOneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Html(string text) =>
        $"<!DOCTYPE html><html><body><p>{WebUtility.HtmlEncode(text).ReplaceLineEndings("<br>")}</p></body></html>";
}
