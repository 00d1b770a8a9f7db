using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class MessageHubOnSqliteTests(PostgresServer postgres) : MessageHubTests(DatabaseKind.Sqlite, postgres);

public sealed class MessageHubOnPostgresTests(PostgresServer postgres) : MessageHubTests(DatabaseKind.Postgres, postgres);

public abstract class MessageHubTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    [Fact]
    public async Task Recipient_acknowledges_and_reads__status_moves__sender_hears_of_it()
    {
        var message = Some.Message();
        await Service.SendAsync(message);
        await using var recipient = await Service.ConnectAsync(message.RecipientId);
        await using var sender = await Service.ConnectAsync(message.SenderId);

        Assert.Equal(MessageStatus.Delivered, await CallAsync(recipient, "Acknowledge", message.MessageId));
        Service.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(MessageStatus.Read, await CallAsync(recipient, "MarkRead", message.MessageId));
        Assert.Equal(MessageStatus.Read, await CallAsync(recipient, "Acknowledge", message.MessageId));

        Assert.Equal(new StatusEvent(message.MessageId, MessageStatus.Delivered, DeliveryService.Start, message.RecipientId), await sender.NextStatusAsync());
        Assert.Equal(new StatusEvent(message.MessageId, MessageStatus.Read, DeliveryService.Start.AddMinutes(1), message.RecipientId), await sender.NextStatusAsync());
        Assert.Equal(0, sender.UntakenStatuses);
        var stored = (await Service.StoredAsync(message.MessageId))!;
        Assert.Equal((DeliveryService.Start, DeliveryService.Start.AddMinutes(1)), (stored.DeliveredAt, stored.ReadAt));
    }

    [Theory]
    [InlineData("Acknowledge")]
    [InlineData("MarkRead")]
    public async Task Anybody_else__cannot_move_it__nor_learn_that_it_exists(string method)
    {
        var message = Some.Message();
        await Service.SendAsync(message);
        await using var stranger = await Service.ConnectAsync(Guid.NewGuid());
        await using var sender = await Service.ConnectAsync(message.SenderId);

        var toStranger = await Assert.ThrowsAsync<HubException>(() => CallAsync(stranger, method, message.MessageId));
        var toSender = await Assert.ThrowsAsync<HubException>(() => CallAsync(sender, method, message.MessageId));
        var missing = await Assert.ThrowsAsync<HubException>(() => CallAsync(stranger, method, Guid.NewGuid()));

        Assert.Equal(missing.Message, toStranger.Message);
        Assert.Equal(missing.Message, toSender.Message);
        Assert.Equal(MessageStatus.Sent, (await Service.StoredAsync(message.MessageId))!.Status);
    }

    [Fact]
    public async Task Message_id_is_no_uuid__is_said()
    {
        await using var device = await Service.ConnectAsync(Guid.NewGuid());

        var exception = await Assert.ThrowsAsync<HubException>(() => device.Connection.InvokeAsync<MessageStatus>("MarkRead", "42", Token));

        Assert.Contains("messageId: must be a uuid.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_and_receipts_reach_nobody_else()
    {
        var message = Some.Message();
        var stranger = Guid.NewGuid();
        await using var recipient = await Service.ConnectAsync(message.RecipientId);
        await using var sender = await Service.ConnectAsync(message.SenderId);
        await using var other = await Service.ConnectAsync(stranger);

        await Service.SendAsync(message);
        await recipient.NextMessageAsync();
        await CallAsync(recipient, "MarkRead", message.MessageId);

        // The last ones to come are known, so whatever had gone astray would have come before them.
        var last = Some.Message() with { SenderId = stranger, RecipientId = stranger };
        await Service.SendAsync(last);
        Assert.Equal(last.MessageId, (await other.NextMessageAsync()).MessageId);
        Assert.Equal(last.MessageId, (await other.NextStatusAsync()).MessageId);
        var toSender = Some.Message() with { RecipientId = message.SenderId, SenderId = message.RecipientId };
        await Service.SendAsync(toSender);
        Assert.Equal(toSender.MessageId, (await sender.NextMessageAsync()).MessageId);
        Assert.Equal(toSender.MessageId, (await recipient.NextStatusAsync()).MessageId);
    }

    [Fact]
    public async Task Device_is_gone__recipient_counts_as_away()
    {
        var message = Some.Message();
        var phone = await Service.ConnectAsync(message.RecipientId);
        await using (var desk = await Service.ConnectAsync(message.RecipientId))
        {
            Assert.Equal(2, await Service.PresentAsync(message.RecipientId));
        }

        await phone.DisposeAsync();
        await Eventually.TrueAsync(async () => await Service.PresentAsync(message.RecipientId) == 0);
        await Service.SendAsync(message);

        Assert.Equal([message.MessageId], Service.FollowUps.Notified);
        Assert.Equal(MessageStatus.Sent, (await Service.StoredAsync(message.MessageId))!.Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?userId=")]
    [InlineData("?userId=someone")]
    [InlineData("?userId=3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b&userId=3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6c")]
    public async Task Connection_that_names_no_user__is_refused_by_name_of_the_field(string query)
    {
        using var response = await Service.Http.PostAsync($"/hubs/messages/negotiate{query}", null, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal("userId", Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    private static Task<MessageStatus> CallAsync(Device device, string method, Guid messageId) =>
        device.Connection.InvokeAsync<MessageStatus>(method, messageId.ToString(), Token);
}
