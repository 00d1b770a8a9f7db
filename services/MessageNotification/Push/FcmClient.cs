using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Apis.Auth.OAuth2.Responses;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>Firebase Cloud Messaging, HTTP v1.</summary>
internal sealed class FcmClient(HttpClient http, ServiceAccountSource account, IOptions<PushOptions> options, TimeProvider time)
{
    private const string PlatformError = "THIRD_PARTY_AUTH_ERROR";

    /// <summary>Sends a message to a device.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mark">To step over before FCM may take it.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <returns>What became of it for good.</returns>
    /// <exception cref="SendFailedException">FCM has not taken it yet.</exception>
    public async Task<DeviceResult> SendAsync(FcmMessage message, SendingMark mark, CancellationToken cancellationToken)
    {
        var sender = account.Get();
        var token = await TokenAsync(sender, isRefused: false, cancellationToken);
        var (result, isTokenRefused) = await SendAsync(sender, token, message, mark, cancellationToken);

        // A token can be refused before its time: the key was changed, or the clock. A new one is fetched once; when that is refused, too, it is the account.
        return isTokenRefused
            ? (await SendAsync(sender, await TokenAsync(sender, isRefused: true, cancellationToken), message, mark, cancellationToken)).Result ?? throw AccountRefused("401")
            : result!;
    }

    private async Task<(DeviceResult? Result, bool IsTokenRefused)> SendAsync(
        ServiceAccount sender, string token, FcmMessage message, SendingMark mark, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(options.Value.BaseAddress, $"/v1/projects/{Uri.EscapeDataString(sender.ProjectId!)}/messages:send"))
        {
            Content = new MarkedContent(
                JsonSerializer.SerializeToUtf8Bytes(new FcmRequest(message), FcmJsonContext.Default.FcmRequest), "application/json", mark),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return (new DeviceResult(PushResult.Sent), false);
        }

        var code = await CodeAsync(response, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized && code != PlatformError)
        {
            return (null, true);
        }

        return (ResultOf(response, code), false);
    }

    private DeviceResult ResultOf(HttpResponseMessage response, string code) =>
        response.StatusCode switch
        {
            _ when code == "UNREGISTERED" => new DeviceResult(PushResult.Unregistered),
            HttpStatusCode.BadRequest => new DeviceResult(PushResult.Refused, code),
            HttpStatusCode.Forbidden when code == "SENDER_ID_MISMATCH" => new DeviceResult(PushResult.Refused, code),
            HttpStatusCode.TooManyRequests => throw SendFailedException.Throttled(
                $"push: FCM answered 429 ({code}).", RetryAfter.Of(response, time)),

            // Apple's or the browsers' push service refuses what Firebase has of us: devices of other platforms go on.
            _ when code == PlatformError => throw SendFailedException.Unavailable(
                $"push: the device's platform refuses the project's key ({code}); check the APNs key or the web push key in Firebase.", providerAtFault: false),
            HttpStatusCode.Forbidden or HttpStatusCode.NotFound => throw AccountRefused($"{(int)response.StatusCode} ({code})"),
            >= HttpStatusCode.InternalServerError => throw SendFailedException.Unavailable(
                $"push: FCM answered {(int)response.StatusCode} ({code}).", hint: RetryAfter.Of(response, time)),
            _ => new DeviceResult(PushResult.Refused, code),
        };

    private static SendFailedException AccountRefused(string answer) => SendFailedException.Unavailable(
        $"push: FCM answered {answer}; check {PushOptions.SectionName}:ServiceAccountFile and ProjectId.");

    private static async Task<string> TokenAsync(ServiceAccount sender, bool isRefused, CancellationToken cancellationToken)
    {
        try
        {
            if (isRefused)
            {
                await sender.Credential.RequestAccessTokenAsync(cancellationToken);
            }

            return await sender.Credential.GetAccessTokenForRequestAsync(cancellationToken: cancellationToken);
        }
        catch (TokenResponseException exception)
        {
            throw SendFailedException.Unavailable(
                $"push: Google refused the service account ({ProviderWords.Code(exception.Error?.Error) ?? "no reason given"}); check {PushOptions.SectionName}:ServiceAccountFile.");
        }
    }

    // FCM's own code is in the details; the general status is less telling. Its messages may repeat what was sent.
    private static async Task<string> CodeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            var error = json.RootElement.GetProperty("error");
            if (error.TryGetProperty("details", out var details))
            {
                foreach (var detail in details.EnumerateArray())
                {
                    if (detail.TryGetProperty("errorCode", out var code) && ProviderWords.Code(code.GetString()) is { } text)
                    {
                        return text;
                    }
                }
            }

            return error.TryGetProperty("status", out var status) && ProviderWords.Code(status.GetString()) is { } word ? word : "no code";
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "no code";
        }
    }
}

/// <summary>Holds the service account, with the access token that it has at the moment, for all sends.</summary>
internal sealed class ServiceAccountSource(IOptions<PushOptions> options, IHttpMessageHandlerFactory handlers)
{
    private readonly Lazy<ServiceAccount> _account = new(() => ServiceAccount.Read(options.Value, handlers));

    public ServiceAccount Get() => _account.Value;
}
