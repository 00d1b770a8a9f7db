using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>Twilio's Messages API.</summary>
internal sealed class TwilioClient(IHttpClientFactory clients, IOptions<SmsOptions> options, PublicAddress address, TimeProvider time) : ISmsProvider
{
    private readonly SmsOptions _options = options.Value;

    public async Task<string> SendAsync(SmsMessage sms, SendingMark mark, CancellationToken cancellationToken)
    {
        var http = clients.CreateClient(nameof(TwilioClient));
        using var form = new FormUrlEncodedContent(
        [
            new("To", sms.To),
            _options.From is { Length: > 0 } from ? new("From", from) : new("MessagingServiceSid", _options.MessagingServiceSid),
            new("Body", sms.Text),
            .. address.TwilioCallback(sms.NotificationId) is { } callback ? new KeyValuePair<string, string?>[] { new("StatusCallback", callback.AbsoluteUri) } : [],
        ]);
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(_options.BaseAddress, $"/2010-04-01/Accounts/{Uri.EscapeDataString(_options.AccountSid!)}/Messages.json"))
        {
            Content = new MarkedContent(await form.ReadAsByteArrayAsync(cancellationToken), "application/x-www-form-urlencoded", mark),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_options.AccountSid}:{_options.AuthToken}")));
        using var response = await http.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            // Taken in any case; whoever cannot read the receipt must not send again for that.
            return ProviderWords.Id(Read(body).Sid, sms.To) ?? "unknown";
        }

        throw (response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound => SendFailedException.Unavailable(
                $"sms: Twilio answered {(int)response.StatusCode}; check {SmsOptions.SectionName}:AccountSid and AuthToken."),
            HttpStatusCode.TooManyRequests => SendFailedException.Throttled(
                "sms: Twilio answered 429: too many at once.", RetryAfter.Of(response, time)),
            HttpStatusCode.RequestTimeout or HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable => SendFailedException.Unavailable(
                $"sms: Twilio answered {(int)response.StatusCode}.", hint: RetryAfter.Of(response, time)),

            // From something between here and there: what came of the request behind it, it cannot know.
            >= HttpStatusCode.InternalServerError => (Exception)new HttpRequestException($"Twilio's gateway answered {(int)response.StatusCode}.", null, response.StatusCode),
            // The recipient has answered STOP, and Twilio sends nothing there.
            HttpStatusCode.BadRequest when Read(body).Code == TwilioReceipts.StoppedCode => new SendFailedException(
                new SendFailure(SendFailureKind.Permanent, "sms: the recipient has answered STOP to this sender.") { IsStopped = true }),
            _ => SendFailedException.Permanent($"sms: Twilio refused it with {(int)response.StatusCode}{CodeOf(body)}."),
        });
    }

    // Its error codes are documented at twilio.com/docs/api/errors; its messages repeat the phone number.
    private static string CodeOf(byte[] body) => Read(body).Code is { } code ? $", error {code}" : string.Empty;

    private static Answer Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, TwilioJsonContext.Default.Answer) ?? new Answer(null, null);
        }
        catch (JsonException)
        {
            return new Answer(null, null);
        }
    }

    internal sealed record Answer(string? Sid, int? Code);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TwilioClient.Answer))]
internal sealed partial class TwilioJsonContext : JsonSerializerContext;
