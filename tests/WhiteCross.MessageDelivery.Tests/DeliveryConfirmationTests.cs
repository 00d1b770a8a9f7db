using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class DeliveryConfirmationOnSqliteTests(PostgresServer postgres) : DeliveryConfirmationTests(DatabaseKind.Sqlite, postgres);

public sealed class DeliveryConfirmationOnPostgresTests(PostgresServer postgres) : DeliveryConfirmationTests(DatabaseKind.Postgres, postgres);

public abstract class DeliveryConfirmationTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    [Fact]
    public async Task Read_with_both_times__keeps_both__sender_hears_of_each_once()
    {
        var message = Some.Message();
        await Service.SendAsync(message);
        await using var sender = await Service.ConnectAsync(message.SenderId);
        Service.Time.Advance(TimeSpan.FromMinutes(10));
        var confirmation = Some.Confirmation(message, MessageStatus.Read) with
        {
            DeliveredAt = DeliveryService.Start.AddMinutes(2),
            ReadAt = DeliveryService.Start.AddMinutes(3),
        };

        var first = await Service.ConfirmAsync(confirmation);
        var again = await Service.ConfirmAsync(confirmation);
        await Service.SendAsync(Some.Message() with { SenderId = message.SenderId });

        Assert.Equal(new DeliveryConfirmationResult(message.MessageId, MessageStatus.Read, true), Assert.IsType<JobOutcome.Completed>(first).Result);
        Assert.Equal(new DeliveryConfirmationResult(message.MessageId, MessageStatus.Read, false), Assert.IsType<JobOutcome.Completed>(again).Result);
        var stored = (await Service.StoredAsync(message.MessageId))!;
        Assert.Equal((confirmation.DeliveredAt, confirmation.ReadAt), (stored.DeliveredAt, stored.ReadAt));
        Assert.Equal(new StatusEvent(message.MessageId, MessageStatus.Delivered, confirmation.DeliveredAt.Value, message.RecipientId), await sender.NextStatusAsync());
        Assert.Equal(new StatusEvent(message.MessageId, MessageStatus.Read, confirmation.ReadAt.Value, message.RecipientId), await sender.NextStatusAsync());
        Assert.NotEqual(message.MessageId, (await sender.NextStatusAsync()).MessageId);
    }

    [Fact]
    public async Task Late_confirmation__changes_nothing_and_is_no_error()
    {
        var message = Some.Message();
        await Service.SendAsync(message);
        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Read));

        foreach (var status in new[] { MessageStatus.Pending, MessageStatus.Sent, MessageStatus.Delivered, MessageStatus.Failed })
        {
            var late = await Service.ConfirmAsync(Some.Confirmation(message, status) with { FailureReason = "too late" });

            Assert.Equal(new DeliveryConfirmationResult(message.MessageId, MessageStatus.Read, false), Assert.IsType<JobOutcome.Completed>(late).Result);
        }

        Assert.Null((await Service.StoredAsync(message.MessageId))!.FailureReason);
    }

    [Fact]
    public async Task Failed_from_sent__keeps_the_reason__nothing_leads_away()
    {
        var message = Some.Message();
        await Service.SendAsync(message);

        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Failed) with { FailureReason = "The device is gone." });
        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Read));
        var again = await Service.SendAsync(message);

        var stored = (await Service.StoredAsync(message.MessageId))!;
        Assert.Equal((MessageStatus.Failed, "The device is gone.", null), (stored.Status, stored.FailureReason, stored.ReadAt));
        Assert.Equal(MessageStatus.Failed, Assert.IsType<SendMessageResult>(Assert.IsType<JobOutcome.Completed>(again).Result).Status);
    }

    [Fact]
    public async Task Message_is_not_there_yet_or_another_recipients__is_tried_again_and_changes_nothing()
    {
        var message = Some.Message();
        Assert.IsType<JobOutcome.Retry>(await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Delivered)));

        await Service.SendAsync(message);
        var stranger = await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Read) with { RecipientId = Guid.NewGuid() });

        Assert.StartsWith("messageId:", Assert.IsType<JobOutcome.Retry>(stranger).Reason, StringComparison.Ordinal);
        Assert.Equal(MessageStatus.Sent, (await Service.StoredAsync(message.MessageId))!.Status);
    }

    [Fact]
    public async Task Confirmed_from_the_future__takes_the_time_of_its_arrival()
    {
        var message = Some.Message();
        await Service.SendAsync(message);

        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Delivered) with { DeliveredAt = DeliveryService.Start.AddDays(3) });

        Assert.Equal(DeliveryService.Start, (await Service.StoredAsync(message.MessageId))!.DeliveredAt);
    }
}
