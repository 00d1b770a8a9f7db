using Microsoft.Extensions.Options;
using PhoneNumbers;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies by SMS.</summary>
internal sealed class SmsChannel(
    TwilioClient twilio,
    PhoneNumberUtil numbers,
    [FromKeyedServices(NotificationType.Sms)] ProviderGuard guard,
    IOptions<SmsOptions> options,
    SendsInFlight inFlight,
    TimeProvider time) : INotificationChannel
{
    private const string SendName = "sms";

    public NotificationType Type => NotificationType.Sms;

    public IEnumerable<string> SendNames(SendNotificationJob data) => [SendName];

    public async Task<SendNotificationResult> SendAsync(SendAttempt attempt, CancellationToken cancellationToken)
    {
        if (!options.Value.IsConfigured)
        {
            throw SendFailedException.Permanent($"sms: no provider is configured; set {SmsOptions.SectionName}:AccountSid, AuthToken and From of the message-notification service.");
        }

        var data = attempt.Data;
        var number = Number(data.RecipientPhone);
        var plan = new SendPlan(
            SendName,
            options.Value,
            options.Value.OnUnknownOutcome,
            $"{SmsOptions.SectionName}:{nameof(SmsOptions.OnUnknownOutcome)}",
            "look for an SMS of that minute in Twilio's message log");
        var sid = await new SendOnce(attempt.Job, attempt.Life, plan, inFlight, time).RunAsync(
            (mark, sending) => guard.RunAsync(attempt.Place, token => twilio.SendAsync(number, $"{data.Title}\n{data.Message}", mark, token), sending),
            cancellationToken);
        return new SendNotificationResult(attempt.NotificationId, Type, NotificationResult.Sent) { ProviderId = sid };
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
