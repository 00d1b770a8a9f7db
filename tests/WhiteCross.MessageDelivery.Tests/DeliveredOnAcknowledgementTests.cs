using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR.Client;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class DeliveredOnAcknowledgementTests(PostgresServer postgres) : DeliveryTests(DatabaseKind.Sqlite, postgres)
{
    [Fact]
    public async Task Pushed_message__stays_sent_until_a_device_has_it()
    {
        var message = Some.Message();
        await using var recipient = await Service.ConnectAsync(message.RecipientId);

        await Service.SendAsync(message);
        await recipient.NextMessageAsync();

        Assert.Equal(MessageStatus.Sent, (await Service.StoredAsync(message.MessageId))!.Status);
        Assert.Empty(Service.FollowUps.Notified);
        await recipient.Connection.InvokeAsync<MessageStatus>("Acknowledge", message.MessageId.ToString(), Token);
        Assert.Equal(MessageStatus.Delivered, (await Service.StoredAsync(message.MessageId))!.Status);
    }

    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Delivery:DeliveredOn"] = "acknowledgement";
}
