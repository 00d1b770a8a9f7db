using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using MimeKit;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Makes the mail of a job: a text and an HTML part, from the job's payload, a template, or title and message.</summary>
internal sealed class EmailComposer(IOptions<EmailOptions> options, EmailTemplates templates, UnsubscribeLinks links, TimeProvider time)
{
    private readonly MailboxAddress _sender = options.Value.Sender;

    /// <summary>Makes the mail. The same job has the same Message-ID in every attempt, so that a mail sent twice can be known for what it is.</summary>
    /// <exception cref="PermanentJobException">It cannot be made from the job's data.</exception>
    public async Task<MimeMessage> ComposeAsync(SendAttempt attempt, CancellationToken cancellationToken)
    {
        var data = attempt.Data;
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
            MessageId = $"{NotificationIds.MessageIdOf(attempt.Job.Id)}@{_sender.Domain}",
            Date = time.GetUtcNow(),
            Priority = data.Priority is NotificationPriority.High or NotificationPriority.Urgent ? MessagePriority.Urgent : MessagePriority.Normal,
            Body = BodyOf(parts.Text, parts.Html, data.EmailPayload?.Attachments ?? []),
        };
        EncodedWords.SetSubject(mail, OnOneLine(parts.Subject));
        mail.From.Add(_sender);
        mail.To.Add(recipient);
        if (options.Value.ReplyTo is { } replyTo)
        {
            mail.ReplyTo.Add(MailboxAddress.Parse(replyTo));
        }

        mail.Headers.Add("Auto-Submitted", "auto-generated");
        if (links.Of(attempt.NotificationId, data) is { } link)
        {
            // RFC 8058: one click, by a POST that needs no log-in.
            mail.Headers.Add(HeaderId.ListUnsubscribe, $"<{link.AbsoluteUri}>");
            mail.Headers.Add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }

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

    private static MimeEntity BodyOf(string text, string html, IReadOnlyList<EmailAttachment> attachments)
    {
        var body = new BodyBuilder { TextBody = Lines(text), HtmlBody = Lines(html) };
        foreach (var attachment in attachments)
        {
            // Whatever it is, it goes as it came: a text's line ends are not ours to change in a file.
            var part = body.Attachments.Add(attachment.FileName, attachment.Content, ContentType.Parse(attachment.ContentType ?? "application/octet-stream"));
            ((MimePart)part).ContentTransferEncoding = ContentEncoding.Base64;
        }

        return body.ToMessageBody();
    }

    // A bare CR or LF ends a line for some relays and not for others; between the two a mail can be smuggled in.
    private static string Lines(string text) => text.ReplaceLineEndings("\r\n");

    private static string OnOneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Html(string text) =>
        $"<!DOCTYPE html><html><body><p>{WebUtility.HtmlEncode(text).ReplaceLineEndings("<br>")}</p></body></html>";
}
