using Dapr.Client;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.MessageNotification;

/// <summary>Pushes over the hub of the message delivery service, by Dapr's service invocation.</summary>
internal sealed class HubNotifications(DaprClient dapr) : ILiveNotifications, IDisposable
{
    private const string AppId = "message-delivery";

    private readonly HttpClient _service = dapr.CreateInvokableHttpClient(AppId);

    public async Task<int> PushAsync(Guid userId, NotificationView notification, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new Push(
            notification.NotificationId, notification.Title, notification.Message, notification.MessageId, notification.Priority, notification.CreatedAt));
        // With its length known the request is not chunked: chunked ones are not retried by the sidecar.
        await content.LoadIntoBufferAsync(cancellationToken);
        using var response = await _service.PostAsync(new Uri($"/internal/users/{userId:D}/notifications", UriKind.Relative), content, cancellationToken).AsAnsweredAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"The message delivery service ({AppId}) answered {(int)response.StatusCode}.", null, response.StatusCode);
        }

        return (await response.Content.ReadFromJsonAsync<Pushed>(cancellationToken))?.Connections ?? 0;
    }

    public void Dispose() => _service.Dispose();

    // What the delivery service reads; it refuses a request with anything else in it.
    private sealed record Push(Guid NotificationId, string? Title, string? Message, Guid? MessageId, NotificationPriority Priority, DateTimeOffset CreatedAt);

    private sealed record Pushed(int Connections);
}
