using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies by e-mail.</summary>
internal sealed class EmailChannel(
    EmailComposer composer,
    ProviderChain<IMailTransport> providers,
    IOptions<EmailOptions> options,
    SendsInFlight inFlight,
    TimeProvider time) : INotificationChannel
{
    private const string SendName = "email";

    public NotificationType Type => NotificationType.Email;

    public IEnumerable<string> SendNames(SendAttempt attempt) => [SendName];

    public string? AddressOf(SendNotificationJob data) => data.RecipientEmail;

    public async Task<SendNotificationResult> SendAsync(SendAttempt attempt, CancellationToken cancellationToken)
    {
        if (!options.Value.IsConfigured)
        {
            throw SendFailedException.Permanent($"email: no mail server is configured; set {EmailOptions.SectionName}:Host and {EmailOptions.SectionName}:From of the message-notification service.");
        }

        var mail = await composer.ComposeAsync(attempt, cancellationToken);
        var messageId = mail.MessageId!;
        var plan = new SendPlan(
            SendName,
            options.Value,
            options.Value.OnUnknownOutcome,
            $"{EmailOptions.SectionName}:{nameof(EmailOptions.OnUnknownOutcome)}",
            $"look for Message-ID <{messageId}> in the mail server's log");
        var sent = await new SendOnce(attempt.Job, attempt.Life, plan, inFlight, time).RunAsync(
            async (mark, sending) =>
            {
                // The send may outlive this run, and the mail is the send's.
                using (mail)
                {
                    return await providers.RunAsync(
                        attempt.Place,
                        mark,
                        async (transport, token) =>
                        {
                            await transport.SendAsync(mail, mark, token);
                            return messageId;
                        },
                        sending);
                }
            },
            cancellationToken);
        var result = options.Value.IsFolder ? NotificationState.Stored : NotificationState.Sent;
        return new SendNotificationResult(attempt.NotificationId, Type, result) { Provider = sent.Provider, ProviderId = $"<{sent.Id}>" };
    }
}
