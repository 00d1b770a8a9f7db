using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Testing;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class ReconnectOnSqliteTests(PostgresServer postgres) : ReconnectTests(DatabaseKind.Sqlite, postgres);

public sealed class ReconnectOnPostgresTests(PostgresServer postgres) : ReconnectTests(DatabaseKind.Postgres, postgres);

/// <summary>Devices that freeze, lose their network and come back.</summary>
public abstract class ReconnectTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    private readonly Guid _sender = Guid.NewGuid();
    private readonly Guid _recipient = Guid.NewGuid();
    private readonly Guid _conversation = Guid.NewGuid();

    [Fact]
    public async Task Device_is_connected_and_acknowledges_nothing__its_user_is_notified_in_time__once()
    {
        await using var frozen = await Service.ConnectAsync(_recipient);
        var message = Message() with { Metadata = new() { ["recipientEmail"] = System.Text.Json.JsonSerializer.SerializeToElement("ann@example.org") } };
        await Service.SendAsync(message);
        Assert.Equal(MessageStatus.Sent, (await Service.StoredAsync(message.MessageId))!.Status);
        Assert.Empty(Service.FollowUps.Notified);

        Service.Time.Advance(TimeSpan.FromSeconds(9));
        Service.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => !Service.FollowUps.Notified.IsEmpty);
        await Eventually.TrueAsync(async () => (await Service.CopiesAsync(message.MessageId)).All(copy => copy is { NotifyAt: null, NotifyEmail: null }));
        Service.Time.Advance(TimeSpan.FromSeconds(30));
        var last = Message();
        await Service.SendAsync(last);
        Service.Time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(() => Service.FollowUps.Notified.Contains(last.MessageId));

        Assert.Equal([(message.MessageId, _recipient, "ann@example.org"), (last.MessageId, _recipient, null)], Service.FollowUps.Notifications);
    }

    /// <summary>A client is told that it is connected before its feed is open; what comes in between is its own.</summary>
    [Fact]
    public async Task Message_that_comes_while_a_device_is_being_connected__is_new_to_it()
    {
        await Service.SendAsync(Message());
        var began = Service.Time.GetUtcNow();
        Service.Time.Advance(TimeSpan.FromSeconds(1));
        await Service.SendAsync(Message());

        await using var scope = Service.Services.CreateAsyncScope();
        var reader = scope.ServiceProvider.GetRequiredService<MessageReader>();
        Assert.Equal(1, await reader.LastPositionAsync(_recipient, began, Token));
        Assert.Equal(2, await reader.LastPositionAsync(_recipient, Service.Time.GetUtcNow(), Token));
        Assert.Equal(0, await reader.LastPositionAsync(Guid.NewGuid(), began, Token));
    }

    [Fact]
    public async Task Acknowledged_in_time__nobody_is_notified()
    {
        await using var phone = await Service.ConnectAsync(_recipient);
        var (first, second) = (Message(), Message());
        await Service.SendAsync(first);
        await phone.Connection.InvokeAsync<MessageStatus>("Acknowledge", $"{first.MessageId}", Token);
        await Service.SendAsync(second);

        Service.Time.Advance(TimeSpan.FromSeconds(10));

        await Eventually.TrueAsync(() => !Service.FollowUps.Notified.IsEmpty);
        Assert.Equal([second.MessageId], Service.FollowUps.Notified);
    }

    [Fact]
    public async Task Second_attempt_of_a_job__does_not_take_a_connected_recipient_for_absent()
    {
        await using var phone = await Service.ConnectAsync(_recipient);
        var (message, reports) = (Message(), new JobReports());
        Service.FollowUps.FailNext(1);
        await Assert.ThrowsAsync<IOException>(() => Service.SendAsync(message, reports));
        await phone.DisposeAsync();
        await Eventually.TrueAsync(async () => await Service.PresentAsync(_recipient) == 0);

        var outcome = await Service.SendAsync(message, reports);

        Assert.Equal(1, Assert.IsType<SendMessageResult>(Assert.IsType<JobOutcome.Completed>(outcome).Result).Connections);
        Assert.Empty(Service.FollowUps.Notified);
    }

    [Fact]
    public async Task Comes_back_with_its_position__gets_what_it_missed_and_what_is_new__in_order__each_once()
    {
        var sent = new List<Guid>();
        long position;
        await using (var phone = await Service.ConnectAsync(_recipient))
        {
            sent.Add(await SendAsync());
            position = (await phone.NextMessageAsync()).Position!.Value;
        }

        for (var i = 0; i < 230; i++)
        {
            sent.Add(await SendAsync());
        }

        var sending = SendMoreAsync();
        await using var back = await Service.ConnectAsync(_recipient, after: $"{position}");
        await sending;

        Assert.Equal(sent[1..], await back.MessagesToAsync(sent[^1]));
        Assert.Equal(0, back.UntakenMessages);

        async Task SendMoreAsync()
        {
            for (var i = 0; i < 40; i++)
            {
                sent.Add(await SendAsync());
            }
        }
    }

    [Fact]
    public async Task Same_address_again__says_by_a_call_where_it_was()
    {
        var sent = new[] { await SendAsync(), await SendAsync() };
        await using var phone = await Service.ConnectAsync(_recipient, after: "resume");
        var third = await SendAsync();
        Assert.Equal(0, phone.UntakenMessages);

        await phone.Connection.InvokeAsync("Resume", 1L, Token);
        await phone.Connection.InvokeAsync("Resume", 0L, Token);

        Assert.Equal([sent[1], third], await phone.MessagesToAsync(third));
        var fourth = await SendAsync();
        Assert.Equal([fourth], await phone.MessagesToAsync(fourth));
    }

    [Fact]
    public async Task Two_devices__each_goes_by_its_own_position()
    {
        var first = await SendAsync();
        await using var desk = await Service.ConnectAsync(_recipient, after: "0");
        Assert.Equal(first, (await desk.NextMessageAsync()).MessageId);
        await desk.Connection.InvokeAsync<MessageStatus>("Acknowledge", $"{first}", Token);

        await using var phone = await Service.ConnectAsync(_recipient, after: "0");
        await using var ahead = await Service.ConnectAsync(_recipient, after: "99");
        var second = await SendAsync();

        Assert.Equal([first, second], await phone.MessagesToAsync(second));
        Assert.Equal([second], await desk.MessagesToAsync(second));
        Assert.Equal([second], await ahead.MessagesToAsync(second));
    }

    [Fact]
    public async Task By_http__what_came_after_a_position__oldest_first()
    {
        var sent = new[] { await SendAsync(), await SendAsync(), await SendAsync() };

        var page = (await Service.Http.GetFromJsonAsync<MessagePage>($"/users/{_recipient}/messages?userId={_recipient}&after=1&limit=1", Token))!;
        var rest = (await Service.Http.GetFromJsonAsync<MessagePage>($"/users/{_recipient}/messages?userId={_recipient}&after={page.Messages[0].Position}", Token))!;

        Assert.Equal(sent[1..], page.Messages.Concat(rest.Messages).Select(message => message.MessageId));
        foreach (var wrong in new[] { "after=-1", "after=x", "after=1&unread=true", "after=1&cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" })
        {
            using var response = await Service.Http.GetAsync($"/users/{_recipient}/messages?userId={_recipient}&{wrong}", Token);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("1&after=2")]
    public async Task Position_that_is_none__is_refused_by_name(string after)
    {
        using var response = await Service.Http.PostAsync($"/hubs/messages/negotiate?userId={_recipient}&after={after}", null, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("\"after\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Presence__is_seen_by_those_who_share_a_conversation__and_by_nobody_else()
    {
        await SendAsync();
        Assert.Equal(new PresenceView(false, null), await PresenceAsync(_recipient, _sender));
        await using (var phone = await Service.ConnectAsync(_recipient))
        {
            Service.Time.Advance(TimeSpan.FromSeconds(5));
            await phone.Connection.InvokeAsync("Heartbeat", Token);
            Assert.Equal(new PresenceView(true, DeliveryService.Start.AddSeconds(5)), await PresenceAsync(_recipient, _sender));
            Service.Time.Advance(TimeSpan.FromSeconds(5));
        }

        await Eventually.TrueAsync(async () => await PresenceAsync(_recipient, _sender) == new PresenceView(false, DeliveryService.Start.AddSeconds(10)));
        Assert.NotNull(await PresenceAsync(_recipient, _recipient));
        Assert.Null(await PresenceAsync(_recipient, Guid.NewGuid()));
    }

    private SendMessageJob Message() => Some.Message() with { SenderId = _sender, RecipientId = _recipient, ConversationId = _conversation };

    private async Task<Guid> SendAsync()
    {
        var message = Message();
        Assert.IsType<JobOutcome.Completed>(await Service.SendAsync(message));
        return message.MessageId;
    }

    private async Task<PresenceView?> PresenceAsync(Guid user, Guid asking)
    {
        using var response = await Service.Http.GetAsync($"/users/{user}/presence?userId={asking}", Token);
        return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<PresenceView>(Token) : null;
    }
}
