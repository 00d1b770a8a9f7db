using System.Net;
using System.Security;
using System.Text;
using System.Text.Json;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>An SMS gateway that is asked by HTTP as its settings describe.</summary>
internal sealed class SmsGateway(string section, SmsGatewayOptions options, IHttpClientFactory clients, TimeProvider time) : ISmsProvider
{
    /// <summary>The name of its HTTP client.</summary>
    public const string ClientName = nameof(SmsGateway);

    public async Task<string> SendAsync(SmsMessage sms, SendingMark mark, CancellationToken cancellationToken)
    {
        string Value(string place) => place switch
        {
            "to" => sms.To,
            "text" => sms.Text,
            "from" => options.From!,
            _ => $"{sms.NotificationId:D}",
        };

        var http = clients.CreateClient(ClientName);
        using var request = new HttpRequestMessage(new HttpMethod(options.Method), new Uri(SmsGatewayOptions.Fill(options.Url!, place => Uri.EscapeDataString(Value(place)))));

        // Where the number is a part of the address, traces must not show it.
        request.Options.Set(HttpTraces.ShownAddress, SmsGatewayOptions.Fill(options.Url!, place => $"({place})"));

        // A GET has nothing of which to see when it leaves: from its first byte on it may be taken.
        if (options.Body is { } body)
        {
            request.Content = new MarkedContent(Encoding.UTF8.GetBytes(SmsGatewayOptions.Fill(body, place => Escape(Value(place)))), options.ContentType, mark);
        }
        else
        {
            await mark.BeginAsync(cancellationToken);
        }

        if (options.Authorization is { Length: > 0 } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var response = await http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            _ when response.IsSuccessStatusCode => ProviderWords.Id(IdOf(answer), sms.To) ?? "unknown",
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed =>
                throw SendFailedException.Unavailable($"sms: the gateway answered {status}; check {section}:Url and Authorization."),
            HttpStatusCode.TooManyRequests => throw SendFailedException.Throttled("sms: the gateway answered 429: too many at once.", RetryAfter.Of(response, time)),
            HttpStatusCode.RequestTimeout or HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable =>
                throw SendFailedException.Unavailable($"sms: the gateway answered {status}.", hint: RetryAfter.Of(response, time)),

            // From something between here and there: what came of the request behind it, it cannot know.
            >= HttpStatusCode.InternalServerError => throw new HttpRequestException($"Something before the gateway answered {status}.", null, response.StatusCode),
            _ => throw SendFailedException.Permanent($"sms: the gateway refused it with {status}."),
        };
    }

    private string Escape(string value) => options.ContentType switch
    {
        "application/json" => JsonEncodedText.Encode(value).ToString(),
        "application/x-www-form-urlencoded" => WebUtility.UrlEncode(value),
        _ => SecurityElement.Escape(value),
    };

    private string? IdOf(byte[] answer)
    {
        if (options.IdAt is not { } pointer)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(answer);
            var element = json.RootElement;
            foreach (var part in pointer.Split('/').Skip(1).Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
            {
                element = element.ValueKind == JsonValueKind.Array ? element[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : element.GetProperty(part);
            }

            return element.ValueKind == JsonValueKind.String ? element.GetString() : element.GetRawText();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            // Taken in any case; whoever cannot read the receipt must not send again for that.
            return null;
        }
    }
}
