using System.Text.RegularExpressions;
using MimeKit;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Reads what mail servers and mailbox providers report: deliveries and bounces (RFC 3464), complaints (RFC 5965).</summary>
internal static partial class MailReports
{
    /// <summary>The receipts in a mail; none where it is no report, or not about a mail that it names.</summary>
    public static IReadOnlyList<Receipt> Read(MimeMessage mail, DateTimeOffset at)
    {
        var report = ReportIn(mail.Body);
        if (report is null || OriginalId(report) is not { } messageId)
        {
            return [];
        }

        return report.ReportType?.ToLowerInvariant() switch
        {
            "delivery-status" => [.. report.OfType<MessageDeliveryStatus>().Take(1).SelectMany(status => GroupsOf(status)).Select(group => OfDelivery(group, messageId, at)).OfType<Receipt>()],
            "feedback-report" => [.. report.OfType<MessageFeedbackReport>().Take(1).Select(feedback => OfFeedback(feedback, messageId, at)).OfType<Receipt>()],
            _ => [],
        };
    }

    // Mailing lists and virus scanners wrap what they pass on.
    private static MultipartReport? ReportIn(MimeEntity? entity) => entity switch
    {
        MultipartReport report => report,
        Multipart parts => parts.Select(ReportIn).FirstOrDefault(report => report is not null),
        _ => null,
    };

    private static string? OriginalId(MultipartReport report) =>
        report.OfType<MessagePart>().Select(part => part.Message?.MessageId).FirstOrDefault(id => id is { Length: > 0 }) is { } id ? $"<{id}>" : null;

    // The first group is about the mail, each further one about a recipient.
    private static IEnumerable<HeaderList> GroupsOf(MessageDeliveryStatus status) => status.StatusGroups.Skip(1);

    private static Receipt? OfDelivery(HeaderList group, string messageId, DateTimeOffset at)
    {
        var code = StatusCode().Match(group["Status"] ?? string.Empty) is { Success: true } match ? match.Value : null;
        return group["Action"]?.Trim().ToLowerInvariant() switch
        {
            "failed" => new Receipt(NotificationType.Email, NotificationState.Bounced, at)
            {
                ProviderId = messageId,
                Code = code,
                Suppress = code is not null && MailCodes.IsNoAddress(code) ? SuppressionReason.Bounced : null,
            },
            "delivered" or "expanded" => new Receipt(NotificationType.Email, NotificationState.Delivered, at) { ProviderId = messageId },

            // Delayed is still on its way, and relayed went to a server that reports nothing.
            _ => null,
        };
    }

    private static Receipt? OfFeedback(MessageFeedbackReport feedback, string messageId, DateTimeOffset at) =>
        feedback.Fields["Feedback-Type"]?.Trim().ToLowerInvariant() switch
        {
            "abuse" or "fraud" or "virus" => new Receipt(NotificationType.Email, NotificationState.Complained, at)
            {
                ProviderId = messageId,
                Suppress = SuppressionReason.Complained,
            },
            "opt-out" or "opt-out-list" => new Receipt(NotificationType.Email, NotificationState.Unsubscribed, at) { ProviderId = messageId },
            _ => null,
        };

    [GeneratedRegex(@"[245]\.\d{1,3}\.\d{1,3}")]
    private static partial Regex StatusCode();
}

/// <summary>The enhanced status codes of RFC 3463.</summary>
internal static class MailCodes
{
    /// <summary>
    /// Whether a code says that the address is no good, for this mail and for all others. A full mailbox, a server's trouble, a policy or the mail itself
    /// says nothing of the address.
    /// </summary>
    public static bool IsNoAddress(string code) => code is "5.0.0" or "5.2.1" || code.StartsWith("5.1.", StringComparison.Ordinal) && code is not ("5.1.7" or "5.1.8");
}
