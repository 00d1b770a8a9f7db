using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Apis.Auth.OAuth2.Responses;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>Firebase Cloud Messaging, HTTP v1.</summary>
internal sealed class FcmClient(HttpClient http, ServiceAccountSource account, IOptions<PushOptions> options, TimeProvider time)
{
    /// <summary>Sends a message to a device.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mark">To step over before FCM may take it.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <returns>What became of it for good.</returns>
    /// <exception cref="SendFailedException">FCM has not taken it yet.</exception>
    public async Task<DeviceResult> SendAsync(FcmMessage message, SendingMark mark, CancellationToken cancellationToken)
    {
        var sender = account.Get();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(options.Value.BaseAddress, $"/v1/projects/{Uri.EscapeDataString(sender.ProjectId!)}/messages:send"))
        {
            Content = new MarkedContent(
                JsonSerializer.SerializeToUtf8Bytes(new FcmRequest(message), FcmJsonContext.Default.FcmRequest), "application/json", mark),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(sender, cancellationToken));
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return new DeviceResult(PushResult.Sent);
        }

        var code = await CodeAsync(response, cancellationToken);
        return response.StatusCode switch
        {
            _ when code == "UNREGISTERED" => new DeviceResult(PushResult.Unregistered),
            HttpStatusCode.BadRequest => new DeviceResult(PushResult.Refused, code),
            HttpStatusCode.Forbidden when code == "SENDER_ID_MISMATCH" => new DeviceResult(PushResult.Refused, code),
            HttpStatusCode.TooManyRequests => throw SendFailedException.Throttled(
                $"push: FCM answered 429 ({code}).", RetryAfter.Of(response, time)),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound => throw SendFailedException.Unavailable(
                $"push: FCM answered {(int)response.StatusCode} ({code}); check {PushOptions.SectionName}:ServiceAccountFile and ProjectId."),
            >= HttpStatusCode.InternalServerError => throw SendFailedException.Unavailable(
                $"push: FCM answered {(int)response.StatusCode} ({code}).", hint: RetryAfter.Of(response, time)),
            _ => new DeviceResult(PushResult.Refused, code),
        };
    }

    private static async Task<string> TokenAsync(ServiceAccount sender, CancellationToken cancellationToken)
    {
        try
        {
            return await sender.Credential.GetAccessTokenForRequestAsync(cancellationToken: cancellationToken);
        }
        catch (TokenResponseException exception)
        {
            throw SendFailedException.Unavailable(
                $"push: Google refused the service account ({exception.Error?.Error ?? "no reason given"}); check {PushOptions.SectionName}:ServiceAccountFile.");
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
                    if (detail.TryGetProperty("errorCode", out var code) && code.GetString() is { } text)
                    {
                        return text;
                    }
                }
            }

            return error.TryGetProperty("status", out var status) && status.GetString() is { } word ? word : "no code";
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
