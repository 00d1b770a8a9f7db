using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class PersonErasureOnSqliteTests(PostgresServer postgres) : PersonErasureTests(DatabaseKind.Sqlite, postgres);

public sealed class PersonErasureOnPostgresTests(PostgresServer postgres) : PersonErasureTests(DatabaseKind.Postgres, postgres);

/// <summary>What goes with a person, what stays with the others, and what a legal hold keeps.</summary>
public abstract class PersonErasureTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    private readonly Guid _nurse = Guid.NewGuid();
    private readonly Guid _ann = Guid.NewGuid();
    private readonly Guid _bob = Guid.NewGuid();

    [Fact]
    public async Task In_a_group__what_the_person_wrote_goes__what_others_wrote_stays_with_the_others()
    {
        var group = await CreateGroupAsync(_nurse, _ann, _bob);
        var byNurse = await SendAsync(group, _nurse, _ann);
        var byAnn = await SendAsync(group, _ann, _nurse);
        var byBob = await SendAsync(group, _bob, _nurse);

        Assert.Equal((1, 2, 0), await EraseMessagesAsync(_ann));
        Assert.Equal((1, 0), await EraseAsync("memberships", _ann));

        Assert.Null(await Service.StoredAsync(byAnn));
        Assert.Null((await Service.StoredAsync(byNurse))!.RecipientId);
        Assert.Equal(new[] { byBob, byNurse }.Order(), (await MessagesAsync(group, _nurse)).Order());
        Assert.Equal(new[] { byBob, byNurse }.Order(), (await MessagesAsync(group, _bob)).Order());
        Assert.Empty(await MessagesAsync(group, _ann));
        Assert.DoesNotContain(_ann, (await ConversationsAsync(_nurse)).Single().Participants);
        await AssertNothingLeftAsync(_ann);
    }

    [Fact]
    public async Task Between_two__the_conversation_goes_with_both_sides__other_conversations_stay()
    {
        var withAnn = Guid.NewGuid();
        await SendAsync(withAnn, _nurse, _ann);
        await SendAsync(withAnn, _ann, _nurse);
        var withBob = Guid.NewGuid();
        var toBob = await SendAsync(withBob, _nurse, _bob);

        Assert.Equal((2, 0, 0), await EraseMessagesAsync(_ann));
        await EraseAsync("memberships", _ann);

        Assert.Equal(withBob, Assert.Single(await ConversationsAsync(_nurse)).ConversationId);
        Assert.Equal([toBob], await MessagesAsync(withBob, _bob));
        await AssertNothingLeftAsync(_ann);
        Assert.Equal(1, await CountAsync(database => database.Conversations.CountAsync(Token)));
    }

    [Fact]
    public async Task Group_of_a_person_who_owns_it__has_another_owner()
    {
        var group = await CreateGroupAsync(_ann, _nurse, _bob);

        await EraseAsync("memberships", _ann);

        var members = Assert.Single(await ConversationsAsync(_nurse)).Members;
        Assert.Equal(2, members.Count);
        Assert.Single(members, member => member.Role == "owner");
        Assert.Equal(group, (await ConversationsAsync(_bob)).Single().ConversationId);
    }

    [Fact]
    public async Task Held_person__is_refused_and_nothing_goes__also_not_of_the_attachments()
    {
        var conversation = Guid.NewGuid();
        var message = await SendAsync(conversation, _ann, _nurse);
        await HoldAsync(new { userId = _ann, reason = "case 7" });

        foreach (var part in new[] { "messages", "attachments", "memberships" })
        {
            using var answer = await Service.Http.PostAsJsonAsync($"/internal/people/{_ann}/{part}", new { }, Token);
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        }

        Assert.NotNull(await Service.StoredAsync(message));
        Assert.True((await CountsAsync(_ann)).GetProperty("isHeld").GetBoolean());
    }

    [Fact]
    public async Task Held_conversation_and_held_others__stay__are_counted__and_the_inbox_goes_on_counting()
    {
        var (held, free, other) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var inHeld = await SendAsync(held, _ann, _nurse);
        var gone = await SendAsync(free, _ann, _nurse);
        var withHeldUser = await SendAsync(other, _ann, _bob);
        var attachment = await UploadAsync(_ann);
        await SendAsync(held, _ann, _nurse, $"{attachment}");
        var freeAttachment = await UploadAsync(_ann);
        await HoldAsync(new { conversationId = held, reason = "case 8" });
        await HoldAsync(new { userId = _bob, reason = "case 9" });
        var counts = await CountsAsync(_ann);
        Assert.Equal((1, 4), (counts.GetProperty("messages").GetInt32(), counts.GetProperty("held").GetInt32()));

        Assert.Equal((1, 0, 3), await EraseMessagesAsync(_ann, size: 2));
        Assert.Equal((1, 1), await EraseAsync("attachments", _ann));
        Assert.Equal((1, 2), await EraseAsync("memberships", _ann));

        Assert.Null(await Service.StoredAsync(gone));
        Assert.NotNull(await Service.StoredAsync(inHeld));
        Assert.NotNull(await Service.StoredAsync(withHeldUser));
        Assert.Equal([$"{attachment:N}"], (await Service.KeptAttachmentsAsync()).Select(name => name.Split('.')[0]));
        Assert.NotEqual(attachment, freeAttachment);
        var next = await SendAsync(held, _nurse, _ann);
        Assert.Equal(5, (await Service.CopiesAsync(next)).Single(copy => copy.UserId == _ann).Position);
    }

    [Fact]
    public async Task Every_page_may_be_repeated__and_a_dry_run_removes_nothing()
    {
        var conversation = Guid.NewGuid();
        for (var i = 0; i < 7; i++)
        {
            await SendAsync(conversation, i % 2 == 0 ? _ann : _nurse, i % 2 == 0 ? _nurse : _ann);
        }

        var dry = await PageAsync(_ann, new { batchSize = 3, dryRun = true });
        Assert.Equal(3, dry.GetProperty("messageIds").GetArrayLength());
        Assert.Equal(7, (await CountsAsync(_ann)).GetProperty("messages").GetInt32());

        var first = await PageAsync(_ann, new { batchSize = 3 });
        Assert.Equal(dry.GetProperty("messageIds").GetRawText(), first.GetProperty("messageIds").GetRawText());
        await PageAsync(_ann, new { batchSize = 3, cursor = 0 });
        Assert.Equal((1, 0, 0), await EraseMessagesAsync(_ann));
        Assert.Equal((0, 0, 0), await EraseMessagesAsync(_ann));
        Assert.Equal(0, await CountAsync(database => database.Messages.CountAsync(Token)));
    }

    [Fact]
    public async Task Export__has_all_that_is_the_persons__page_by_page__and_nothing_of_others()
    {
        var group = await CreateGroupAsync(_nurse, _ann, _bob);
        var toAll = await SendAsync(group, _nurse, _ann);
        var hers = await SendAsync(group, _ann, _nurse);
        await SendAsync(Guid.NewGuid(), _nurse, _bob);
        var attachment = await UploadAsync(_ann);
        await UploadAsync(_bob);

        var lines = new List<JsonElement>();
        string? cursor = null;
        do
        {
            using var answer = await Service.Http.PostAsJsonAsync($"/internal/people/{_ann}/export", new { cursor }, Token);
            answer.EnsureSuccessStatusCode();
            var page = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
            lines.AddRange(page.GetProperty("lines").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null and not "notifications:");

        Assert.Equal(["conversation", "message", "message", "attachment", "attachment-content"], lines.Select(line => line.GetProperty("kind").GetString()));
        Assert.Equal([toAll, hers], lines.Where(line => line.TryGetProperty("messageId", out _)).Select(line => line.GetProperty("messageId").GetGuid()));
        Assert.All(lines.Where(line => line.TryGetProperty("content", out _)), line => Assert.Equal(Some.Message().Content, line.GetProperty("content").GetString()));
        Assert.Equal(attachment, lines[3].GetProperty("attachmentId").GetGuid());
        Assert.Equal([1, 2, 3], lines[4].GetProperty("base64").GetBytesFromBase64());
    }

    [Fact]
    public async Task Own_data_of_another__is_refused__and_while_a_part_is_away_nothing_begins()
    {
        using var others = await Service.Http.GetAsync($"/users/{_ann}/export?userId={_bob}", Token);
        using var away = await Service.Http.GetAsync($"/users/{_ann}/export?userId={_ann}", Token);
        using var page = await Service.Http.PostAsJsonAsync($"/internal/people/{_ann}/export", new { cursor = "notifications:" }, Token);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.ServiceUnavailable, HttpStatusCode.FailedDependency), (others.StatusCode, away.StatusCode, page.StatusCode));
    }

    private async Task AssertNothingLeftAsync(Guid user)
    {
        Assert.Equal(0, await CountAsync(database => database.MessageCopies.CountAsync(copy => copy.UserId == user, Token)));
        Assert.Equal(0, await CountAsync(database => database.Messages.CountAsync(message => message.SenderId == user || message.RecipientId == user, Token)));
        Assert.Equal(0, await CountAsync(database => database.ConversationMembers.CountAsync(member => member.UserId == user, Token)));
        Assert.Equal(0, await CountAsync(database => database.Inboxes.CountAsync(inbox => inbox.UserId == user, Token)));
    }

    private async Task<int> CountAsync(Func<MessagesDbContext, Task<int>> count)
    {
        await using var scope = Service.Services.CreateAsyncScope();
        return await count(scope.ServiceProvider.GetRequiredService<MessagesDbContext>());
    }

    private async Task<Guid> CreateGroupAsync(Guid owner, params Guid[] members)
    {
        using var response = await Service.Http.PostAsJsonAsync($"/conversations?userId={owner}", new { memberIds = members }, Token);
        return (await response.Content.ReadFromJsonAsync<ConversationView>(Token))!.ConversationId;
    }

    private async Task<Guid> SendAsync(Guid conversation, Guid sender, Guid recipient, params string[] attachments)
    {
        var message = Some.Message() with { ConversationId = conversation, SenderId = sender, RecipientId = recipient, Attachments = attachments };
        Assert.IsType<JobOutcome.Completed>(await Service.SendAsync(message));
        return message.MessageId;
    }

    private async Task<Guid> UploadAsync(Guid user)
    {
        using var response = await Service.Http.PostAsync($"/attachments?userId={user}", new ByteArrayContent([1, 2, 3]), Token);
        return (await response.Content.ReadFromJsonAsync<AttachmentView>(Token))!.AttachmentId;
    }

    private async Task HoldAsync(object hold)
    {
        using var response = await Service.Http.PutAsJsonAsync($"/internal/legal-holds/{Guid.NewGuid()}", hold, Token);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private async Task<JsonElement> CountsAsync(Guid user)
    {
        using var answer = await Service.Http.PostAsync($"/internal/people/{user}/count", null, Token);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private async Task<JsonElement> PageAsync(Guid user, object request, string part = "messages")
    {
        using var answer = await Service.Http.PostAsJsonAsync($"/internal/people/{user}/{part}", request, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private async Task<(int Erased, int Copies, int Held)> EraseMessagesAsync(Guid user, int size = 500)
    {
        var (erased, copies, held, cursor) = (0, 0, 0, (long?)null);
        do
        {
            var page = await PageAsync(user, new { batchSize = size, cursor });
            erased += page.GetProperty("erased").GetInt32();
            copies += page.GetProperty("copies").GetInt32();
            held += page.GetProperty("held").GetInt32();
            cursor = page.GetProperty("nextCursor").Deserialize<long?>();
        }
        while (cursor is not null);

        return (erased, copies, held);
    }

    private async Task<(int Erased, int Held)> EraseAsync(string part, Guid user)
    {
        var page = await PageAsync(user, new { }, part);
        Assert.Equal(JsonValueKind.Null, page.GetProperty("nextCursor").ValueKind);
        return (page.GetProperty("erased").GetInt32(), page.GetProperty("held").GetInt32());
    }

    private async Task<IReadOnlyList<ConversationView>> ConversationsAsync(Guid user) =>
        (await Service.Http.GetFromJsonAsync<ConversationPage>($"/conversations?userId={user}", Token))!.Conversations;

    private async Task<IReadOnlyList<Guid>> MessagesAsync(Guid conversation, Guid user) =>
        [.. (await Service.Http.GetFromJsonAsync<MessagePage>($"/conversations/{conversation}/messages?userId={user}", Token))!.Messages.Select(message => message.MessageId)];
}
