using System.Text.Json;
using Dapr.Client;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>The call of the hub, as the sidecar gets it.</summary>
public sealed class HubNotificationsTests
{
    private static readonly NotificationView Notification = new(
        Guid.NewGuid(), "Your appointment", "Tomorrow at 9.", null, Jobs.Contracts.NotificationPriority.Urgent, NotificationService.Start, null);

    [Fact]
    public async Task Notification__goes_to_the_delivery_services_internal_endpoint()
    {
        await using var sidecar = await ProviderServer.StartAsync(ProviderServer.Json(200, """{"connections":3}"""));
        using var dapr = new DaprClientBuilder().UseHttpEndpoint(sidecar.Address.ToString()).Build();
        using var hub = new HubNotifications(dapr);
        var user = Guid.NewGuid();

        Assert.Equal(3, await hub.PushAsync(user, Notification, TestContext.Current.CancellationToken));

        var request = Assert.Single(sidecar.Requests);
        Assert.Equal($"POST /v1.0/invoke/message-delivery/method/internal/users/{user}/notifications", request.Line);
        var body = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal(["notificationId", "title", "message", "messageId", "priority", "createdAt"], body.EnumerateObject().Select(member => member.Name)); // Others are refused.
        Assert.Equal((Notification.NotificationId, "urgent"), (body.GetProperty("notificationId").GetGuid(), body.GetProperty("priority").GetString()));
    }

    [Fact]
    public async Task Hub_answers_with_an_error__is_thrown()
    {
        await using var sidecar = await ProviderServer.StartAsync(ProviderServer.Json(500, "{}"));
        using var dapr = new DaprClientBuilder().UseHttpEndpoint(sidecar.Address.ToString()).Build();
        using var hub = new HubNotifications(dapr);

        await Assert.ThrowsAsync<HttpRequestException>(() => hub.PushAsync(Guid.NewGuid(), Notification, TestContext.Current.CancellationToken));
    }
}
