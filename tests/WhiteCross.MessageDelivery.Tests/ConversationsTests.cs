using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class ConversationsOnSqliteTests(PostgresServer postgres) : ConversationsTests(DatabaseKind.Sqlite, postgres);

public sealed class ConversationsOnPostgresTests(PostgresServer postgres) : ConversationsTests(DatabaseKind.Postgres, postgres);

public abstract class ConversationsTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    [Fact]
    public async Task First_message__begins_a_conversation__both_see_it__nobody_else_does()
    {
        var message = Some.Message();
        await Service.SendAsync(message);
        await Service.SendAsync(message with { MessageId = Guid.NewGuid(), SenderId = message.RecipientId, RecipientId = message.SenderId });
        await Service.SendAsync(message);

        foreach (var user in new[] { message.SenderId, message.RecipientId })
        {
            var conversation = Assert.Single(await ListAsync(user));
            Assert.Equal((message.ConversationId, DeliveryService.Start), (conversation.ConversationId, conversation.CreatedAt));
            Assert.Equal(new[] { message.SenderId, message.RecipientId }.Order(), conversation.Participants);
        }

        Assert.Empty(await ListAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Conversations__come_in_pages__each_once__newest_first()
    {
        var first = Some.Message();
        var expected = new List<Guid>();
        for (var i = 0; i < 11; i++)
        {
            var message = first with { MessageId = Guid.NewGuid(), ConversationId = Guid.NewGuid(), CreatedAt = DeliveryService.Start.AddMilliseconds(-(i / 3)) };
            Service.Time.Advance(TimeSpan.FromMilliseconds(i % 3 == 0 ? 1 : 0));
            expected.Add(message.ConversationId);
            await Service.SendAsync(message);
        }

        var seen = new List<ConversationView>();
        string? cursor = null;
        do
        {
            var page = (await Service.Http.GetFromJsonAsync<ConversationPage>(
                $"/conversations?userId={first.SenderId}&limit=4{(cursor is null ? "" : $"&cursor={cursor}")}", Token))!;
            seen.AddRange(page.Conversations);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(expected.Order(), seen.Select(conversation => conversation.ConversationId).Order());
        Assert.Equal(seen.Select(conversation => conversation.CreatedAt).OrderDescending(), seen.Select(conversation => conversation.CreatedAt));
    }

    [Fact]
    public async Task Deleted_by_both__neither_it_nor_its_messages_are_shown__the_next_message_brings_it_back_without_them()
    {
        var (message, other) = (Some.Message(), Some.Message());
        other = other with { RecipientId = message.RecipientId };
        await Service.SendAsync(message);
        await Service.SendAsync(other);

        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(message.ConversationId, message.RecipientId));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(message.ConversationId, message.SenderId));

        Assert.Empty(await ListAsync(message.SenderId));
        Assert.Empty(await MessagesAsync(message));
        Assert.Equal([other.MessageId], (await InboxAsync(message.RecipientId)).Select(shown => shown.MessageId));
        using (var single = await Service.Http.GetAsync($"/messages/{message.MessageId}?userId={message.SenderId}", Token))
        {
            Assert.Equal(HttpStatusCode.NotFound, single.StatusCode);
        }

        // The same message once more is no new message.
        await Service.SendAsync(message);
        Assert.Empty(await ListAsync(message.SenderId));

        Assert.Equal([message.MessageId], Service.FollowUps.Forgotten);
        var next = message with { MessageId = Guid.NewGuid() };
        await Service.SendAsync(next);
        Assert.Single(await ListAsync(message.SenderId));
        Assert.Equal([next.MessageId], (await MessagesAsync(message)).Select(shown => shown.MessageId));
    }

    [Fact]
    public async Task Only_a_participant_deletes()
    {
        var message = Some.Message();
        await Service.SendAsync(message);

        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync(message.ConversationId, Guid.NewGuid()));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync(Guid.NewGuid(), message.SenderId));
        using var nobody = await Service.Http.DeleteAsync($"/conversations/{message.ConversationId}", Token);
        Assert.Equal(HttpStatusCode.BadRequest, nobody.StatusCode);

        Assert.Single(await MessagesAsync(message));
    }

    [Fact]
    public async Task Ensure__creates_what_is_missing__once__and_names_what_is_another_users()
    {
        var (message, missing, mismatched) = (Some.Message(), Guid.NewGuid(), Some.Message());
        await Service.SendAsync(message);
        await Service.SendAsync(mismatched);
        object[] wanted =
        [
            Wanted(message.ConversationId, message.RecipientId, message.SenderId),
            Wanted(missing, message.SenderId, message.RecipientId),
            Wanted(missing, message.RecipientId, message.SenderId),
            Wanted(mismatched.ConversationId, mismatched.SenderId, message.SenderId),
        ];

        var looked = await EnsureAsync(false, wanted);
        var created = await EnsureAsync(true, wanted);
        var again = await EnsureAsync(true, wanted);

        Assert.Equal((0, missing, mismatched.ConversationId), (looked.Created, Assert.Single(looked.Missing), Assert.Single(looked.Mismatched)));
        Assert.Equal((1, mismatched.ConversationId), (created.Created, Assert.Single(created.Mismatched)));
        Assert.Empty(created.Missing);
        Assert.Equal(0, again.Created);
        Assert.Equal(2, (await ListAsync(message.SenderId)).Count);
    }

    [Fact]
    public async Task Ensure__takes_a_thousand_at_once__from_several_callers()
    {
        var user = Guid.NewGuid();
        var wanted = Enumerable.Range(0, 1000).Select(_ => Wanted(Guid.NewGuid(), user, Guid.NewGuid())).ToArray();

        var answers = await Task.WhenAll(EnsureAsync(true, wanted), EnsureAsync(true, [.. wanted.Reverse()]), EnsureAsync(true, wanted));

        Assert.Equal(1000, answers.Sum(answer => answer.Created));
        Assert.All(answers, answer => Assert.Empty(answer.Missing.Concat(answer.Mismatched)));
    }

    [Fact]
    public async Task Ensure__names_what_is_wrong()
    {
        foreach (var body in new object[]
        {
            new { create = true },
            new { conversations = Enumerable.Range(0, 1001).Select(_ => Wanted(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid())) },
            new { conversations = new[] { Wanted(Guid.Empty, Guid.NewGuid(), Guid.NewGuid()) } },
            new { conversations = new[] { new { conversationId = Guid.NewGuid(), participants = new[] { Guid.NewGuid() } } } },
        })
        {
            using var response = await Service.Http.PostAsJsonAsync("/internal/conversations/ensure", body, Token);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.Equal("conversations", Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
        }
    }

    private static object Wanted(Guid id, params Guid[] participants) => new { conversationId = id, participants };

    private async Task<EnsuredConversations> EnsureAsync(bool create, object[] conversations)
    {
        using var response = await Service.Http.PostAsJsonAsync("/internal/conversations/ensure", new { create, conversations }, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<EnsuredConversations>(Token))!;
    }

    private async Task<HttpStatusCode> DeleteAsync(Guid conversation, Guid user)
    {
        using var response = await Service.Http.DeleteAsync($"/conversations/{conversation}?userId={user}", Token);
        return response.StatusCode;
    }

    private async Task<IReadOnlyList<ConversationView>> ListAsync(Guid user) =>
        (await Service.Http.GetFromJsonAsync<ConversationPage>($"/conversations?userId={user}", Token))!.Conversations;

    private async Task<IReadOnlyList<MessageView>> MessagesAsync(SendMessageJob message) =>
        (await Service.Http.GetFromJsonAsync<MessagePage>($"/conversations/{message.ConversationId}/messages?userId={message.SenderId}", Token))!.Messages;

    private async Task<IReadOnlyList<MessageView>> InboxAsync(Guid user) =>
        (await Service.Http.GetFromJsonAsync<MessagePage>($"/users/{user}/messages?userId={user}", Token))!.Messages;
}
