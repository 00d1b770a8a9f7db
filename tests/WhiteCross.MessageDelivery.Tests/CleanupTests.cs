using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class CleanupOnSqliteTests(PostgresServer postgres) : CleanupTests(DatabaseKind.Sqlite, postgres);

public sealed class CleanupOnPostgresTests(PostgresServer postgres) : CleanupTests(DatabaseKind.Postgres, postgres);

public abstract class CleanupTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    private static readonly DateTimeOffset Limit = DeliveryService.Start.AddDays(-90);

    [Fact]
    public async Task Old_messages__only_what_is_older__in_batches__oldest_first()
    {
        var conversation = Guid.NewGuid();
        var old = new List<Guid>();
        for (var i = 7; i > 0; i--)
        {
            old.Add(await SendAsync(conversation, Limit.AddMilliseconds(-(i / 2) - 1)));
        }

        var exactly = await SendAsync(conversation, Limit);
        var young = await SendAsync(conversation, Limit.AddMilliseconds(1));

        var first = await RunAsync("old-messages", new { olderThan = Limit, batchSize = 3 });
        Assert.Equal((3, 3), (first.Deleted, first.MessageIds.Count));
        var again = await RunAsync("old-messages", new { olderThan = Limit, batchSize = 3 });
        var rest = await RunAsync("old-messages", new { olderThan = Limit, batchSize = 3, cursor = again.NextCursor });

        Assert.Equal((1, null), (rest.Deleted, rest.NextCursor));
        Assert.Equal(old.Order(), first.MessageIds.Concat(again.MessageIds).Concat(rest.MessageIds).Order());
        Assert.Equal(new[] { exactly, young }.Order(), await StoredAsync(database => database.Messages.Select(message => message.Id)));
        Assert.Equal(0, (await RunAsync("old-messages", new { olderThan = Limit })).Deleted);
    }

    [Fact]
    public async Task Dry_run_and_count__remove_nothing_and_say_what_a_batch_would()
    {
        var conversation = Guid.NewGuid();
        for (var i = 1; i <= 5; i++)
        {
            await SendAsync(conversation, Limit.AddDays(-i));
        }

        var dry = await RunAsync("old-messages", new { olderThan = Limit, batchSize = 2, dryRun = true });

        Assert.Equal(5, await CountAsync("old-messages", new { olderThan = Limit }));
        Assert.Equal(3, await CountAsync("old-messages", new { olderThan = Limit, cursor = dry.NextCursor }));
        Assert.Equal(0, dry.Deleted);
        Assert.Equal(5, (await StoredAsync(database => database.Messages.Select(message => message.Id))).Count);
        Assert.Equal(dry.MessageIds, (await RunAsync("old-messages", new { olderThan = Limit, batchSize = 2 })).MessageIds);
    }

    [Fact]
    public async Task Filters__leave_everybody_elses_alone()
    {
        var (mine, yours) = (Guid.NewGuid(), Guid.NewGuid());
        var inMine = await SendAsync(mine, Limit.AddDays(-1));
        var user = Guid.NewGuid();
        var sent = await SendAsync(Guid.NewGuid(), Limit.AddDays(-1), sender: user);
        var received = await SendAsync(Guid.NewGuid(), Limit.AddDays(-1), recipient: user);
        var others = await SendAsync(yours, Limit.AddDays(-1));

        var none = await RunAsync("old-messages", new { olderThan = Limit, conversationIds = Array.Empty<Guid>() });
        var both = await RunAsync("old-messages", new { olderThan = Limit, conversationIds = new[] { mine }, userIds = new[] { user } });
        var byConversation = await RunAsync("old-messages", new { olderThan = Limit, conversationIds = new[] { mine, Guid.NewGuid() } });
        var byUser = await RunAsync("old-messages", new { olderThan = Limit, userIds = new[] { user } });

        Assert.Equal((0, 0), (none.Deleted, both.Deleted));
        Assert.Equal([inMine], byConversation.MessageIds);
        Assert.Equal(new[] { sent, received }.Order(), byUser.MessageIds.Order());
        Assert.Equal([others], await StoredAsync(database => database.Messages.Select(message => message.Id)));
    }

    [Fact]
    public async Task Deleted_conversations__go_with_their_messages__in_batches__others_stay()
    {
        var (large, small, kept, recent) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var gone = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            gone.Add(await SendAsync(large, Limit.AddDays(-i)));
        }

        gone.Add(await SendAsync(small, Limit));
        var staying = new[] { await SendAsync(kept, Limit.AddDays(-9)), await SendAsync(recent, Limit.AddDays(-9)) };
        await DeleteAsync(large, Limit.AddHours(-2));
        await DeleteAsync(small, Limit.AddHours(-1));
        await DeleteAsync(recent, Limit);
        Assert.Equal(2, await CountAsync("deleted-conversations", new { olderThan = Limit }));

        var (messages, conversations, batches, cursor) = (new List<Guid>(), 0, 0, default(string));
        do
        {
            var batch = await RunAsync("deleted-conversations", new { olderThan = Limit, batchSize = 2, cursor });
            Assert.InRange(batch.MessageIds.Count, 1, 2);
            messages.AddRange(batch.MessageIds);
            (conversations, cursor, batches) = (conversations + batch.Deleted, batch.NextCursor, batches + 1);
        }
        while (cursor is not null);

        Assert.Equal((2, 3), (conversations, batches));
        Assert.Equal(gone.Order(), messages.Order());
        Assert.Equal(staying.Order(), await StoredAsync(database => database.Messages.Select(message => message.Id)));
        Assert.Equal(new[] { kept, recent }.Order(), await StoredAsync(database => database.Conversations.Select(conversation => conversation.Id)));
    }

    [Fact]
    public async Task Revived_conversation__keeps_its_messages()
    {
        var conversation = Guid.NewGuid();
        await SendAsync(conversation, Limit.AddDays(-2));
        await DeleteAsync(conversation, Limit.AddDays(-1));
        await SendAsync(conversation, Limit.AddDays(-3));

        var batch = await RunAsync("deleted-conversations", new { olderThan = Limit });

        Assert.Equal((0, null), (batch.Deleted, batch.NextCursor));
        Assert.Equal(2, (await StoredAsync(database => database.Messages.Select(message => message.Id))).Count);
    }

    [Fact]
    public async Task Expired_attachments__go_with_their_files__younger_ones_and_messages_stay()
    {
        var message = Some.Message();
        var expired = new[] { await UploadAsync(message.SenderId), await UploadAsync(message.SenderId) };
        await Service.SendAsync(message with { Attachments = [$"{expired[0]}"] });
        Service.Time.Advance(TimeSpan.FromMinutes(1)); // Not a day: every timer of the service would go off for each of its periods.
        var young = await UploadAsync(message.SenderId);
        var olderThan = Service.Time.GetUtcNow();

        var named = await CountAsync("expired-attachments", new { olderThan, conversationIds = new[] { message.ConversationId } });
        var strangers = await RunAsync("expired-attachments", new { olderThan, userIds = new[] { message.RecipientId } });
        var dry = await RunAsync("expired-attachments", new { olderThan, dryRun = true });
        Assert.Equal((1, 0, 0, 3), (named, strangers.Deleted, dry.Deleted, (await Service.KeptAttachmentsAsync()).Count));
        var first = await RunAsync("expired-attachments", new { olderThan, batchSize = 1 });
        var second = await RunAsync("expired-attachments", new { olderThan, batchSize = 1, cursor = first.NextCursor });

        Assert.Equal((1, 1, null), (first.Deleted, second.Deleted, second.NextCursor));
        Assert.Equal([young.ToString("N")], await Service.KeptAttachmentsAsync());
        Assert.Equal([young], await StoredAsync(database => database.Attachments.Select(attachment => attachment.Id)));
        Assert.NotNull(await Service.StoredAsync(message.MessageId));
    }

    [Fact]
    public async Task Time_of_a_clients_clock__makes_no_message_old()
    {
        var message = Some.Message() with { CreatedAt = DateTimeOffset.UnixEpoch };
        await Service.SendAsync(message);

        Assert.Equal(0, (await RunAsync("old-messages", new { olderThan = Limit })).Deleted);

        var stored = (await Service.StoredAsync(message.MessageId))!;
        Assert.Equal((DateTimeOffset.UnixEpoch, DeliveryService.Start), (stored.CreatedAt, stored.ReceivedAt));
    }

    [Fact]
    public async Task Attachment_that_a_younger_message_passes_on__stays()
    {
        var message = Some.Message();
        var (passedOn, forgotten) = (await UploadAsync(message.SenderId), await UploadAsync(message.SenderId));
        Service.Time.Advance(TimeSpan.FromMinutes(1));
        var olderThan = Service.Time.GetUtcNow();
        await Service.SendAsync(message with { Attachments = [$"{passedOn}"] });

        Assert.Equal(1, (await RunAsync("expired-attachments", new { olderThan })).Deleted);

        Assert.Equal([passedOn.ToString("N")], await Service.KeptAttachmentsAsync());
        Assert.DoesNotContain(forgotten, await StoredAsync(database => database.Attachments.Select(attachment => attachment.Id)));
    }

    [Fact]
    public async Task Legal_hold__on_a_conversation_or_a_user__is_stronger_than_every_clean_up__until_it_is_lifted()
    {
        var (held, user, free) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var inHeld = await SendAsync(held, Limit.AddDays(-2));
        var ofUser = await SendAsync(Guid.NewGuid(), Limit.AddDays(-2), recipient: user);
        var other = await SendAsync(free, Limit.AddDays(-2));
        await DeleteAsync(held, Limit.AddDays(-1));
        var (onConversation, onUser) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(HttpStatusCode.NoContent, await HoldAsync(onConversation, new { conversationId = held, reason = "case 7" }));
        Assert.Equal(HttpStatusCode.NoContent, await HoldAsync(onConversation, new { conversationId = held, reason = "case 7" }));
        Assert.Equal(HttpStatusCode.Conflict, await HoldAsync(Guid.NewGuid(), new { conversationId = held, reason = "case 8" }));
        Assert.Equal(HttpStatusCode.NoContent, await HoldAsync(onUser, new { userId = user, reason = "case 9" }));
        foreach (var wrong in new object[] { new { reason = "x" }, new { userId = user, conversationId = held, reason = "x" }, new { userId = Guid.NewGuid(), reason = " " } })
        {
            Assert.Equal(HttpStatusCode.BadRequest, await HoldAsync(Guid.NewGuid(), wrong));
        }

        Assert.Equal([other], (await RunAsync("old-messages", new { olderThan = Limit })).MessageIds);
        Assert.Equal(0, (await RunAsync("deleted-conversations", new { olderThan = Limit })).Deleted);
        Assert.Equal(new[] { inHeld, ofUser }.Order(), await StoredAsync(database => database.Messages.Select(message => message.Id)));

        using (var lifted = await Service.Http.DeleteAsync($"/internal/legal-holds/{onConversation}", Token))
        {
            Assert.Equal(HttpStatusCode.NoContent, lifted.StatusCode);
        }

        Assert.Equal(1, (await RunAsync("deleted-conversations", new { olderThan = Limit })).Deleted);
        Assert.Equal([ofUser], await StoredAsync(database => database.Messages.Select(message => message.Id)));
    }

    [Theory]
    [InlineData("{}", "olderThan")]
    [InlineData("""{"olderThan":"2026-01-01T00:00:00Z","batchSize":0,"cursor":"x"}""", "batchSize,cursor")]
    [InlineData("""{"olderThan":"2026-01-01T00:00:00Z","batchSize":10001}""", "batchSize")]
    public async Task Wrong_requests__are_refused_with_all_that_is_wrong(string body, string fields)
    {
        foreach (var path in new[] { "old-messages", "deleted-conversations/count", "expired-attachments" })
        {
            using var response = await PostAsync(path, JsonSerializer.Deserialize<JsonElement>(body));

            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.Equal(fields.Split(','), problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
        }
    }

    private static Guid Other(Guid user) => new(user.ToByteArray().Reverse().ToArray());

    private async Task<Guid> SendAsync(Guid conversation, DateTimeOffset receivedAt, Guid? sender = null, Guid? recipient = null)
    {
        // Whom it is from and to follows from its conversation, unless the test says otherwise.
        var message = Some.Message() with { ConversationId = conversation, SenderId = sender ?? conversation, RecipientId = recipient ?? Other(conversation) };
        await Service.StoreAsync(new Message
        {
            Id = message.MessageId,
            SenderId = message.SenderId,
            RecipientId = message.RecipientId,
            ConversationId = conversation,
            Content = message.Content,
            Encrypted = false,
            MessageType = "text",
            Attachments = [],
            CreatedAt = receivedAt,
            ReceivedAt = receivedAt,
        });
        return message.MessageId;
    }

    private async Task<HttpStatusCode> HoldAsync(Guid id, object hold)
    {
        using var response = await Service.Http.PutAsJsonAsync($"/internal/legal-holds/{id}", hold, Token);
        return response.StatusCode;
    }

    private async Task DeleteAsync(Guid conversation, DateTimeOffset at)
    {
        await using var scope = Service.Services.CreateAsyncScope();
        var changes = scope.ServiceProvider.GetRequiredService<ConversationChanges>();
        Assert.Equal(ConversationChange.Done, await changes.DeleteAsync(conversation, conversation, at, Token));
        Assert.Equal(ConversationChange.Gone, await changes.DeleteAsync(conversation, Other(conversation), at, Token));
    }

    private async Task<Guid> UploadAsync(Guid user)
    {
        using var response = await Service.Http.PostAsync($"/attachments?userId={user}", new ByteArrayContent([1, 2, 3]), Token);
        return (await response.Content.ReadFromJsonAsync<AttachmentView>(Token))!.AttachmentId;
    }

    private async Task<List<Guid>> StoredAsync(Func<MessagesDbContext, IQueryable<Guid>> query)
    {
        await using var scope = Service.Services.CreateAsyncScope();
        return [.. (await query(scope.ServiceProvider.GetRequiredService<MessagesDbContext>()).ToListAsync(Token)).Order()];
    }

    private Task<HttpResponseMessage> PostAsync(string path, object body) => Service.Http.PostAsJsonAsync($"/internal/cleanup/{path}", body, Token);

    private async Task<Answer> RunAsync(string what, object body)
    {
        using var response = await PostAsync(what, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<Answer>(Token))!;
    }

    private async Task<long> CountAsync(string what, object body)
    {
        using var response = await PostAsync($"{what}/count", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("count").GetInt64();
    }

    private sealed record Answer(int Deleted, IReadOnlyList<Guid> MessageIds, string? NextCursor);
}
