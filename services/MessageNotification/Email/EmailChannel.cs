using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies by e-mail.</summary>
internal sealed class EmailChannel(
    EmailComposer composer, IMailTransport transport, [FromKeyedServices(NotificationType.Email)] ProviderGuard guard, IOptions<EmailOptions> options)
    : INotificationChannel
{
    private const string SendName = "email";

    public NotificationType Type => NotificationType.Email;

    public IEnumerable<string> SendNames(SendNotificationJob data) => [SendName];

    public async Task<SendNotificationResult> SendAsync(Job<SendNotificationJob> job, Guid notificationId, CancellationToken cancellationToken)
    {
        if (!options.Value.IsConfigured)
        {
            throw SendFailedException.Permanent($"email: no mail server is configured; set {EmailOptions.SectionName}:Host and {EmailOptions.SectionName}:From of the message-notification service.");
        }

        using var mail = await composer.ComposeAsync(job, cancellationToken);
        var send = new SendOnce(job, SendName, options.Value.OnUnknownOutcome, $"{EmailOptions.SectionName}:{nameof(EmailOptions.OnUnknownOutcome)}");
        var messageId = await send.RunAsync(
            (mark, token) => guard.RunAsync(
                async limited =>
                {
                    await transport.SendAsync(mail, mark, limited);
                    return mail.MessageId;
                },
                token),
            cancellationToken);
        return new SendNotificationResult(notificationId, Type, NotificationResult.Sent) { ProviderId = $"<{messageId}>" };
    }
}
