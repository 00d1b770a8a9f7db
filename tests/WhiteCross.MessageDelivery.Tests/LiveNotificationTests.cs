using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>The internal endpoint by which the notification service reaches users' connections.</summary>
public sealed class LiveNotificationTests(PostgresServer postgres) : DeliveryTests(DatabaseKind.Sqlite, postgres)
{
    private const string SidecarToken = "the-sidecar";

    [Fact]
    public async Task Notification__reaches_every_connection_of_its_user_and_nobody_elses()
    {
        var user = Guid.NewGuid();
        var other = Guid.NewGuid();
        await using var phone = await Service.ConnectAsync(user);
        await using var desk = await Service.ConnectAsync(user);
        await using var stranger = await Service.ConnectAsync(other);
        var notification = Some();

        using var response = await PostAsync(user, notification);
        using var last = await PostAsync(other, notification with { Title = "To the other" });

        Assert.Equal(new PushedTo(2), await response.Content.ReadFromJsonAsync<PushedTo>(Token));
        Assert.Equal(notification, await phone.NextNotificationAsync());
        Assert.Equal(notification, await desk.NextNotificationAsync());
        Assert.Equal("To the other", (await stranger.NextNotificationAsync()).Title);
    }

    [Fact]
    public async Task User_is_away__pushed_to_none()
    {
        using var response = await PostAsync(Guid.NewGuid(), Some());

        Assert.Equal(new PushedTo(0), await response.Content.ReadFromJsonAsync<PushedTo>(Token));
    }

    [Fact]
    public async Task Without_the_sidecars_token__nobody_gets_in()
    {
        foreach (var token in new[] { null, "another" })
        {
            using var response = await PostAsync(Guid.NewGuid(), Some(), token);

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task Notification_without_id_or_title__is_refused_by_field()
    {
        using var response = await PostAsync(Guid.NewGuid(), Some() with { NotificationId = Guid.Empty, Title = null });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(["notificationId", "title"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task Refusal__crosses_sidecars_as_an_answer__and_is_a_refusal_again_to_its_caller()
    {
        async Task<HttpResponseMessage> CallAsync(bool bySidecar)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/internal/users/{Guid.NewGuid()}/notifications") { Content = JsonContent.Create(Some() with { Title = null }) };
            request.Headers.Add("dapr-api-token", SidecarToken);
            if (bySidecar)
            {
                request.Headers.Add("dapr-caller-app-id", "message-notification");
            }

            return await Service.Http.SendAsync(request, Token);
        }

        using var plain = await CallAsync(bySidecar: false);
        using var crossing = await CallAsync(bySidecar: true);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (plain.StatusCode, crossing.StatusCode));

        using var answered = await Task.FromResult(crossing).AsAnsweredAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answered.StatusCode);
        Assert.Equal("title", Assert.Single((await answered.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").EnumerateObject()).Name);
    }

    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["APP_API_TOKEN"] = SidecarToken;

    private static LiveNotification Some() => new(Guid.NewGuid(), "Your appointment", "Tomorrow at 9.", Guid.NewGuid(), "high", DeliveryService.Start);

    private async Task<HttpResponseMessage> PostAsync(Guid user, LiveNotification notification, string? token = SidecarToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/internal/users/{user}/notifications") { Content = JsonContent.Create(notification) };
        if (token is not null)
        {
            request.Headers.Add("dapr-api-token", token);
        }

        return await Service.Http.SendAsync(request, Token);
    }
}
