using Microsoft.Extensions.Options;
using PhoneNumbers;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies by SMS.</summary>
internal sealed class SmsChannel(
    ProviderChain<ISmsProvider> providers,
    PhoneNumberUtil numbers,
    IOptions<SmsOptions> options,
    SendsInFlight inFlight,
    TimeProvider time) : INotificationChannel
{
    private const string SendName = "sms";

    public NotificationType Type => NotificationType.Sms;

    public IEnumerable<string> SendNames(SendAttempt attempt) => [SendName];

    public string? AddressOf(SendNotificationJob data) => TryNumber(data.RecipientPhone);

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
            "look for an SMS of that minute in the provider's message log");
        var sent = await new SendOnce(attempt.Job, attempt.Life, plan, inFlight, time).RunAsync(
            (mark, sending) => providers.RunAsync(
                attempt.Place,
                mark,
                (provider, token) => provider.SendAsync(new SmsMessage(attempt.NotificationId, number, $"{data.Title}\n{data.Message}"), mark, token),
                sending),
            cancellationToken);
        return new SendNotificationResult(attempt.NotificationId, Type, NotificationState.Sent) { Provider = sent.Provider, ProviderId = sent.Id };
    }

    private string Number(string? text) => TryNumber(text)
        ?? throw SendFailedException.Permanent("recipientPhone: there is no such number; it must be in E.164: + and the country code, without spaces.");

    private string? TryNumber(string? text)
    {
        try
        {
            var number = numbers.Parse(text, null);
            return numbers.IsValidNumber(number) ? numbers.Format(number, PhoneNumberFormat.E164) : null;
        }
        catch (NumberParseException)
        {
            // Its message repeats the number.
            return null;
        }
    }
}
