using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class GroupsOnSqliteTests(PostgresServer postgres) : GroupsTests(DatabaseKind.Sqlite, postgres);

public sealed class GroupsOnPostgresTests(PostgresServer postgres) : GroupsTests(DatabaseKind.Postgres, postgres);

/// <summary>Conversations of several members, and who may do what in them.</summary>
public abstract class GroupsTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    private readonly Guid _nurse = Guid.NewGuid();
    private readonly Guid _ann = Guid.NewGuid();
    private readonly Guid _bob = Guid.NewGuid();

    [Fact]
    public async Task Message_to_a_group__is_one_message__with_a_status_a_member()
    {
        var group = await CreateAsync();
        var message = await SendAsync(group, _nurse, _ann);
        await using (var ann = await Service.ConnectAsync(_ann, after: "0"))
        {
            Assert.Equal(message, (await ann.NextMessageAsync()).MessageId);
            await ann.Connection.InvokeAsync<MessageStatus>("MarkRead", $"{message}", Token);
        }

        var toNurse = Assert.Single(await MessagesAsync(group, _nurse));
        Assert.Equal(MessageStatus.Sent, toNurse.Status);
        Assert.Equal(
            new[] { (_ann, MessageStatus.Read), (_bob, MessageStatus.Sent) }.Order(), toNurse.Recipients.Select(recipient => (recipient.UserId, recipient.Status)));
        var toAnn = Assert.Single(await MessagesAsync(group, _ann));
        Assert.Equal((MessageStatus.Read, _ann), (toAnn.Status, Assert.Single(toAnn.Recipients).UserId));
        Assert.Equal(MessageStatus.Sent, Assert.Single(await MessagesAsync(group, _bob)).Status);
        Assert.Equal(new[] { _ann, _bob }.Order(), Service.FollowUps.Notifications.Select(notified => notified.UserId).Order());
        Assert.Equal((0, 0, 1), (await UnreadAsync(_nurse), await UnreadAsync(_ann), await UnreadAsync(_bob)));
    }

    [Fact]
    public async Task Conversations_own_id_in_the_recipients_place__names_nobody__all_get_it()
    {
        var group = await CreateAsync();
        var message = await SendAsync(group, _bob, group);

        Assert.Null((await Service.StoredAsync(message))!.RecipientId);
        Assert.Equal(message, Assert.Single(await MessagesAsync(group, _ann)).MessageId);
        Assert.Equal(message, Assert.Single(await MessagesAsync(group, _nurse)).MessageId);
        var unknown = Guid.NewGuid();
        Assert.StartsWith("recipientId:", Refusal(await Service.SendAsync(Message(unknown, _bob, unknown))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stranger__sends_into_nobodys_conversation__is_told_which_field__revives_nothing_and_leaves_nothing()
    {
        var two = Some.Message();
        await Service.SendAsync(two);
        await DeleteAsync(two.ConversationId, two.RecipientId);
        await DeleteAsync(two.ConversationId, two.SenderId);

        foreach (var (sender, recipient, field) in new[]
        {
            (Guid.NewGuid(), two.RecipientId, "senderId:"), (two.SenderId, Guid.NewGuid(), "recipientId:"), (Guid.NewGuid(), Guid.NewGuid(), "senderId:"),
        })
        {
            var strange = two with { MessageId = Guid.NewGuid(), SenderId = sender, RecipientId = recipient };
            Assert.StartsWith(field, Refusal(await Service.SendAsync(strange)), StringComparison.Ordinal);
            Assert.Null(await Service.StoredAsync(strange.MessageId));
        }

        Assert.Empty(await ListAsync(two.SenderId));
        Assert.Empty(await ListAsync(two.RecipientId));
        Assert.Single(Service.FollowUps.Indexed);
    }

    [Fact]
    public async Task One_deletes__for_oneself__the_other_keeps_everything_and_an_answer_comes_through()
    {
        var question = Some.Message();
        await Service.SendAsync(question);
        await DeleteAsync(question.ConversationId, question.SenderId);

        Assert.Empty(await ListAsync(question.SenderId));
        Assert.Empty(await MessagesAsync(question.ConversationId, question.SenderId));
        Assert.Equal(question.MessageId, Assert.Single(await MessagesAsync(question.ConversationId, question.RecipientId)).MessageId);

        var answer = await SendAsync(question.ConversationId, question.RecipientId, question.SenderId);
        Assert.Single(await ListAsync(question.SenderId));
        Assert.Equal([answer], (await MessagesAsync(question.ConversationId, question.SenderId)).Select(message => message.MessageId));
        Assert.Equal(2, (await MessagesAsync(question.ConversationId, question.RecipientId)).Count);
        Assert.Empty(Service.FollowUps.Forgotten);
    }

    [Fact]
    public async Task Who_joins__sees_what_is_said_from_then_on__who_leaves_or_is_removed__nothing_any_more()
    {
        var (group, carl) = (await CreateAsync(), Guid.NewGuid());
        await SendAsync(group, _nurse, _ann);
        Assert.Equal(HttpStatusCode.NoContent, await AddAsync(group, _nurse, carl));
        var second = await SendAsync(group, _nurse, carl);

        Assert.Equal([second], (await MessagesAsync(group, carl)).Select(message => message.MessageId));
        Assert.Equal(HttpStatusCode.NoContent, await RemoveAsync(group, _nurse, carl));
        Assert.Equal(HttpStatusCode.NoContent, await RemoveAsync(group, _bob, _bob));
        foreach (var gone in new[] { carl, _bob })
        {
            Assert.Empty(await MessagesAsync(group, gone));
            Assert.Empty(await ListAsync(gone));
            Assert.StartsWith("senderId:", Refusal(await Service.SendAsync(Message(group, gone, _ann))), StringComparison.Ordinal);
        }

        var third = await SendAsync(group, _nurse, _ann);
        Assert.Equal(2, (await Service.StoredAsync(third) is { } ? await CopiesAsync(third) : []).Count);

        Assert.Equal(HttpStatusCode.NoContent, await AddAsync(group, _nurse, carl));
        Assert.Empty(await MessagesAsync(group, carl));
    }

    [Fact]
    public async Task Only_an_owner__adds_removes_and_ends__the_last_one_who_leaves_hands_over()
    {
        var group = await CreateAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await AddAsync(group, _ann, Guid.NewGuid()));
        Assert.Equal(HttpStatusCode.Forbidden, await RemoveAsync(group, _ann, _bob));
        Assert.Equal(HttpStatusCode.Forbidden, await EndAsync(group, _bob));
        Assert.Equal(HttpStatusCode.NotFound, await EndAsync(group, Guid.NewGuid()));
        Assert.Equal(HttpStatusCode.NotFound, await AddAsync(group, Guid.NewGuid(), Guid.NewGuid()));

        var message = await SendAsync(group, _nurse, _ann);
        Assert.Equal(HttpStatusCode.NoContent, await RemoveAsync(group, _nurse, _nurse));
        var heir = Assert.Single((await ListAsync(_ann))[0].Members, member => member.Role == "owner").UserId;
        Assert.Equal(HttpStatusCode.NoContent, await EndAsync(group, heir));

        Assert.Empty(await ListAsync(_ann));
        Assert.Empty(await MessagesAsync(group, _bob));
        Assert.Equal([message], Service.FollowUps.Forgotten);
        Assert.StartsWith("conversationId:", Refusal(await Service.SendAsync(Message(group, heir, heir == _ann ? _bob : _ann))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversation_of_two__has_no_owner__nobody_is_let_in_by_one_of_them()
    {
        var two = Some.Message();
        await Service.SendAsync(two);

        Assert.Equal(HttpStatusCode.Forbidden, await AddAsync(two.ConversationId, two.SenderId, Guid.NewGuid()));
        Assert.Equal(HttpStatusCode.Forbidden, await EndAsync(two.ConversationId, two.SenderId));
        Assert.Equal(HttpStatusCode.NoContent, await RemoveAsync(two.ConversationId, two.RecipientId, two.RecipientId));
        Assert.StartsWith("recipientId:", Refusal(await Service.SendAsync(two with { MessageId = Guid.NewGuid() })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Made_twice__is_one__under_a_taken_id_refused__and_what_is_wrong_is_named()
    {
        var id = Guid.NewGuid();
        async Task<HttpStatusCode> MakeAsync(Guid user, object body)
        {
            using var response = await Service.Http.PostAsJsonAsync($"/conversations?userId={user}", body, Token);
            return response.StatusCode;
        }

        var body = new { conversationId = id, memberIds = new[] { _ann, _bob }, title = "Ward 3" };
        Assert.Equal(HttpStatusCode.Created, await MakeAsync(_nurse, body));
        Assert.Equal(HttpStatusCode.OK, await MakeAsync(_nurse, body));
        Assert.Equal(HttpStatusCode.Conflict, await MakeAsync(_ann, new { conversationId = id, memberIds = new[] { _nurse, _bob } }));
        Assert.Equal(HttpStatusCode.Conflict, await MakeAsync(_nurse, new { conversationId = id, memberIds = new[] { _ann } }));
        foreach (var (wrong, field) in new (object, string)[]
        {
            (new { }, "memberIds"), (new { memberIds = new[] { _nurse } }, "memberIds"), (new { memberIds = new[] { Guid.Empty } }, "memberIds"),
            (new { memberIds = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()) }, "memberIds"), (new { memberIds = new[] { _ann }, title = " " }, "title"),
            (new { memberIds = new[] { _ann }, conversationId = Guid.Empty }, "conversationId"),
        })
        {
            using var response = await Service.Http.PostAsJsonAsync($"/conversations?userId={_nurse}", wrong, Token);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal(field, Assert.Single((await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").EnumerateObject()).Name);
        }
    }

    [Fact]
    public async Task Sent_at_once_by_all_members__nobody_waits_for_ever__each_inbox_counts_without_gaps()
    {
        var group = await CreateAsync();
        Guid[] members = [_nurse, _ann, _bob];

        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => SendAsync(group, members[i % 3], members[(i + 1) % 3]))));

        foreach (var member in members)
        {
            Assert.Equal(Enumerable.Range(1, 30).Select(i => (long?)i), (await MessagesAsync(group, member)).Select(message => message.Position).Order());
        }
    }

    private static SendMessageJob Message(Guid conversation, Guid sender, Guid recipient) =>
        Some.Message() with { ConversationId = conversation, SenderId = sender, RecipientId = recipient };

    private static string Refusal(JobOutcome outcome) => Assert.IsType<JobOutcome.Fail>(outcome).Reason;

    private async Task<Guid> CreateAsync()
    {
        using var response = await Service.Http.PostAsJsonAsync($"/conversations?userId={_nurse}", new { memberIds = new[] { _ann, _bob } }, Token);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var made = (await response.Content.ReadFromJsonAsync<ConversationView>(Token))!;
        Assert.Equal($"/conversations/{made.ConversationId}", response.Headers.Location?.ToString());
        return made.ConversationId;
    }

    private async Task<Guid> SendAsync(Guid conversation, Guid sender, Guid recipient)
    {
        var message = Message(conversation, sender, recipient);
        Assert.IsType<JobOutcome.Completed>(await Service.SendAsync(message));
        return message.MessageId;
    }

    private Task<IReadOnlyList<MessageCopy>> CopiesAsync(Guid message) => Service.CopiesAsync(message);

    private async Task<HttpStatusCode> AddAsync(Guid conversation, Guid by, Guid user)
    {
        using var response = await Service.Http.PostAsJsonAsync($"/conversations/{conversation}/members?userId={by}", new { userId = user }, Token);
        return response.StatusCode;
    }

    private Task<HttpStatusCode> RemoveAsync(Guid conversation, Guid by, Guid user) => DeleteAsync($"/conversations/{conversation}/members/{user}", by);

    private Task<HttpStatusCode> DeleteAsync(Guid conversation, Guid by) => DeleteAsync($"/conversations/{conversation}", by);

    private async Task<HttpStatusCode> DeleteAsync(string path, Guid by)
    {
        using var response = await Service.Http.DeleteAsync($"{path}?userId={by}", Token);
        return response.StatusCode;
    }

    private async Task<HttpStatusCode> EndAsync(Guid conversation, Guid by)
    {
        using var response = await Service.Http.PostAsync($"/conversations/{conversation}/end?userId={by}", null, Token);
        return response.StatusCode;
    }

    private async Task<IReadOnlyList<ConversationView>> ListAsync(Guid user) =>
        (await Service.Http.GetFromJsonAsync<ConversationPage>($"/conversations?userId={user}", Token))!.Conversations;

    private async Task<int> UnreadAsync(Guid user) => (await ListAsync(user)).Sum(conversation => conversation.Unread);

    private async Task<IReadOnlyList<MessageView>> MessagesAsync(Guid conversation, Guid user) =>
        (await Service.Http.GetFromJsonAsync<MessagePage>($"/conversations/{conversation}/messages?userId={user}", Token))!.Messages;
}
