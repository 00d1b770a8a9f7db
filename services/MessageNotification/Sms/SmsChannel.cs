using Microsoft.Extensions.Options;
using PhoneNumbers;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies by SMS.</summary>
internal sealed class SmsChannel(
    TwilioClient twilio, PhoneNumberUtil numbers, [FromKeyedServices(NotificationType.Sms)] ProviderGuard guard, IOptions<SmsOptions> options) : INotificationChannel
{
    private const string SendName = "sms";

    public NotificationType Type => NotificationType.Sms;

    public IEnumerable<string> SendNames(SendNotificationJob data) => [SendName];

    public async Task<SendNotificationResult> SendAsync(Job<SendNotificationJob> job, Guid notificationId, CancellationToken cancellationToken)
    {
        if (!options.Value.IsConfigured)
        {
            throw SendFailedException.Permanent($"sms: no provider is configured; set {SmsOptions.SectionName}:AccountSid, AuthToken and From of the message-notification service.");
        }

        var data = job.Data;
        var number = Number(data.RecipientPhone);
        var send = new SendOnce(job, SendName, options.Value.OnUnknownOutcome, $"{SmsOptions.SectionName}:{nameof(SmsOptions.OnUnknownOutcome)}");
        var sid = await send.RunAsync(
            (mark, token) => guard.RunAsync(limited => twilio.SendAsync(number, $"{data.Title}\n{data.Message}", mark, limited), token), cancellationToken);
        return new SendNotificationResult(notificationId, Type, NotificationResult.Sent) { ProviderId = sid };
    }

    private string Number(string? text)
    {
        try
        {
            var number = numbers.Parse(text, null);
            if (numbers.IsValidNumber(number))
            {
                return numbers.Format(number, PhoneNumberFormat.E164);
            }
        }
        catch (NumberParseException)
        {
            // Its message repeats the number.
        }

        throw SendFailedException.Permanent("recipientPhone: there is no such number; it must be in E.164: + and the country code, without spaces.");
    }
}
