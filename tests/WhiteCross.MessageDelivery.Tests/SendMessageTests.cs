using Microsoft.AspNetCore.SignalR.Client;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Testing;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class SendMessageOnSqliteTests(PostgresServer postgres) : SendMessageTests(DatabaseKind.Sqlite, postgres);

public sealed class SendMessageOnPostgresTests(PostgresServer postgres) : SendMessageTests(DatabaseKind.Postgres, postgres);

public abstract class SendMessageTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    [Fact]
    public async Task Recipient_is_away__stored_as_sent__indexed_and_notified()
    {
        var message = Some.Message() with { MessageType = "image" };
        var reports = new JobReports();

        var outcome = await Service.SendAsync(message, reports);

        Assert.Equal(new SendMessageResult(message.MessageId, MessageStatus.Sent, false, 0), Assert.IsType<JobOutcome.Completed>(outcome).Result);
        var stored = await Service.StoredAsync(message.MessageId);
        Assert.NotNull(stored);
        Assert.Equal(
            (message.SenderId, message.RecipientId, message.ConversationId, message.Content, false, "image", MessageStatus.Sent),
            (stored.SenderId, stored.RecipientId, stored.ConversationId, stored.Content, stored.Encrypted, stored.MessageType, stored.Status));
        Assert.Equal((DeliveryService.Start, DeliveryService.Start, null), (stored.CreatedAt, stored.SentAt, stored.DeliveredAt));
        Assert.Equal([message.MessageId], Service.FollowUps.Indexed);
        Assert.Equal([message.MessageId], Service.FollowUps.Notified);
        Assert.Equal([0, 25, 50, 75, 100], reports.Progress.Select(progress => progress.Percentage));
    }

    [Fact]
    public async Task Recipient_is_connected__pushed_to_every_device__delivered_once_one_acknowledges__sender_hears_of_it()
    {
        var message = Some.Message();
        await using var phone = await Service.ConnectAsync(message.RecipientId);
        await using var desk = await Service.ConnectAsync(message.RecipientId);
        await using var sender = await Service.ConnectAsync(message.SenderId);

        var outcome = await Service.SendAsync(message);

        Assert.Equal(new SendMessageResult(message.MessageId, MessageStatus.Sent, false, 2), Assert.IsType<JobOutcome.Completed>(outcome).Result);
        foreach (var device in new[] { phone, desk })
        {
            var pushed = await device.NextMessageAsync();
            Assert.Equal((message.MessageId, message.Content, MessageStatus.Sent), (pushed.MessageId, pushed.Content, pushed.Status));
        }

        await phone.Connection.InvokeAsync<MessageStatus>("Acknowledge", message.MessageId.ToString(), Token);

        Assert.Equal(new StatusEvent(message.MessageId, MessageStatus.Sent, DeliveryService.Start, message.RecipientId), await sender.NextStatusAsync());
        Assert.Equal(new StatusEvent(message.MessageId, MessageStatus.Delivered, DeliveryService.Start, message.RecipientId), await sender.NextStatusAsync());
        Assert.Empty(Service.FollowUps.Notified);
        Assert.Equal([message.MessageId], Service.FollowUps.Indexed);
    }

    [Fact]
    public async Task Same_message_again__by_another_job__changes_nothing_and_pushes_nothing()
    {
        var message = Some.Message();
        await using var recipient = await Service.ConnectAsync(message.RecipientId);
        await Service.SendAsync(message);
        await Service.MoveAsync(message.MessageId, MessageStatus.Read);
        Service.Time.Advance(TimeSpan.FromMinutes(1));

        var again = await Service.SendAsync(message with { CreatedAt = Service.Time.GetUtcNow(), InitiatedBy = "a retry" });
        var last = Some.Message() with { RecipientId = message.RecipientId };
        await Service.SendAsync(last);

        Assert.Equal(MessageStatus.Read, Assert.IsType<SendMessageResult>(Assert.IsType<JobOutcome.Completed>(again).Result).Status);
        Assert.Equal(DeliveryService.Start, (await Service.StoredAsync(message.MessageId))!.CreatedAt);
        Assert.Equal(message.MessageId, (await recipient.NextMessageAsync()).MessageId);
        Assert.Equal(last.MessageId, (await recipient.NextMessageAsync()).MessageId);
        Assert.Equal(0, recipient.UntakenMessages);
    }

    [Theory]
    [InlineData("content")]
    [InlineData("sender")]
    [InlineData("recipient")]
    [InlineData("conversation")]
    [InlineData("attachments")]
    [InlineData("encryption")]
    public async Task Another_message_under_the_same_id__fails_for_good_and_changes_nothing(string difference)
    {
        var message = Some.Message();
        await Service.SendAsync(message);

        var outcome = await Service.SendAsync(difference switch
        {
            "content" => message with { Content = "Something else." },
            "sender" => message with { SenderId = Guid.NewGuid() },
            "recipient" => message with { RecipientId = Guid.NewGuid() },
            "conversation" => message with { ConversationId = Guid.NewGuid() },
            "attachments" => message with { Attachments = [$"{Guid.NewGuid()}"] },
            _ => message with { RequiresEncryption = true },
        });

        Assert.StartsWith("messageId:", Assert.IsType<JobOutcome.Fail>(outcome).Reason, StringComparison.Ordinal);
        var stored = await Service.StoredAsync(message.MessageId);
        Assert.Equal((message.Content, message.SenderId, message.RecipientId), (stored!.Content, stored.SenderId, stored.RecipientId));
        Assert.Single(Service.FollowUps.Indexed);
    }

    [Fact]
    public async Task Attempt_breaks_off_after_the_push__next_one_goes_on_without_pushing_again()
    {
        var message = Some.Message();
        await using var recipient = await Service.ConnectAsync(message.RecipientId);
        await using var sender = await Service.ConnectAsync(message.SenderId);
        var reports = new JobReports();
        Service.FollowUps.FailNext(2);

        await Assert.ThrowsAsync<IOException>(() => Service.SendAsync(message, reports));
        await Assert.ThrowsAsync<IOException>(() => Service.SendAsync(message, reports));
        var outcome = await Service.SendAsync(message, reports);
        var last = Some.Message() with { SenderId = message.SenderId, RecipientId = message.RecipientId };
        await Service.SendAsync(last);

        Assert.Equal(MessageStatus.Sent, Assert.IsType<SendMessageResult>(Assert.IsType<JobOutcome.Completed>(outcome).Result).Status);
        Assert.Equal(["announce", "index"], reports.Steps);
        Assert.Empty(Service.FollowUps.Notified);
        Assert.Equal(message.MessageId, (await recipient.NextMessageAsync()).MessageId);
        Assert.Equal(last.MessageId, (await recipient.NextMessageAsync()).MessageId);
        Assert.Equal(
            [(message.MessageId, MessageStatus.Sent), (last.MessageId, MessageStatus.Sent)],
            new[] { await sender.NextStatusAsync(), await sender.NextStatusAsync() }
                .Select(status => (status.MessageId, status.Status)));
    }

    [Fact]
    public async Task Recipient_was_away_and_an_attempt_broke_off__next_one_still_notifies_once()
    {
        var message = Some.Message();
        var reports = new JobReports();
        Service.FollowUps.FailNext(1);

        await Assert.ThrowsAsync<IOException>(() => Service.SendAsync(message, reports));
        await Service.SendAsync(message, reports);
        await Service.SendAsync(message, reports);

        Assert.Equal([message.MessageId], Service.FollowUps.Notified);
        Assert.Equal([message.MessageId], Service.FollowUps.Indexed);
    }

    [Fact]
    public async Task Sent_many_times_at_once__one_message_is_stored()
    {
        var message = Some.Message();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => Service.SendAsync(message with { Content = i % 4 == 3 ? "Other" : message.Content }))));

        var stored = await Service.StoredAsync(message.MessageId);
        Assert.NotNull(stored);
        var expected = stored.Content == message.Content ? 12 : 4;
        Assert.Equal(expected, outcomes.OfType<JobOutcome.Completed>().Count());
        Assert.Equal(16 - expected, outcomes.OfType<JobOutcome.Fail>().Count());
        Assert.Equal(MessageStatus.Sent, stored.Status);
    }

    [Fact]
    public async Task Encryption_is_asked_for_but_its_service_is_away__fails_the_attempt__nothing_is_stored_or_pushed()
    {
        var message = Some.Message() with { RequiresEncryption = true };
        await using var recipient = await Service.ConnectAsync(message.RecipientId);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => Service.SendAsync(message));
        var last = Some.Message() with { RecipientId = message.RecipientId };
        await Service.SendAsync(last);

        Assert.DoesNotContain(message.Content, exception.ToString(), StringComparison.Ordinal);
        Assert.Null(await Service.StoredAsync(message.MessageId));
        Assert.Equal(last.MessageId, (await recipient.NextMessageAsync()).MessageId);
    }

    [Fact]
    public async Task Client_clock_is_ahead__message_takes_the_time_of_its_arrival()
    {
        var ahead = Some.Message() with { CreatedAt = DeliveryService.Start.AddYears(1) };
        var behind = Some.Message() with { CreatedAt = DeliveryService.Start.AddHours(-1) };

        await Service.SendAsync(ahead);
        await Service.SendAsync(behind);

        Assert.Equal(DeliveryService.Start, (await Service.StoredAsync(ahead.MessageId))!.CreatedAt);
        Assert.Equal(DeliveryService.Start.AddHours(-1), (await Service.StoredAsync(behind.MessageId))!.CreatedAt);
    }

    [Fact]
    public async Task Text_that_a_database_cannot_store__fails_for_good_and_names_the_field()
    {
        var outcome = await Service.SendAsync(Some.Message() with { Content = "a\0b" });

        Assert.StartsWith("content:", Assert.IsType<JobOutcome.Fail>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Longest_content_in_any_script__comes_back_unchanged()
    {
        var message = Some.Message() with { Content = string.Concat(Enumerable.Repeat("🩺é中\n\"", 1666)) };

        await Service.SendAsync(message);

        Assert.Equal(message.Content, (await Service.StoredAsync(message.MessageId))!.Content);
    }
}
