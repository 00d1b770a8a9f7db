using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class MessagesApiOnSqliteTests(PostgresServer postgres) : MessagesApiTests(DatabaseKind.Sqlite, postgres);

public sealed class MessagesApiOnPostgresTests(PostgresServer postgres) : MessagesApiTests(DatabaseKind.Postgres, postgres);

public abstract class MessagesApiTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    private const string AUuid = "3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b";

    [Fact]
    public async Task Message__is_shown_to_sender_and_recipient_and_to_nobody_else()
    {
        var message = Some.Message();
        await Service.SendAsync(message);

        foreach (var user in new[] { message.SenderId, message.RecipientId })
        {
            var shown = await Service.Http.GetFromJsonAsync<JsonElement>($"/messages/{message.MessageId}?userId={user}", Token);
            Assert.Equal(message.Content, shown.GetProperty("content").GetString());
            Assert.Equal("sent", shown.GetProperty("status").GetString());
            Assert.Equal(DeliveryService.Start, shown.GetProperty("sentAt").GetDateTimeOffset());
            Assert.Equal(JsonValueKind.Null, shown.GetProperty("readAt").ValueKind);
        }

        await AssertProblemAsync(HttpStatusCode.NotFound, $"/messages/{message.MessageId}?userId={Guid.NewGuid()}");
        await AssertProblemAsync(HttpStatusCode.NotFound, $"/messages/{Guid.NewGuid()}?userId={message.SenderId}");
    }

    [Theory]
    [InlineData("/messages/{uuid}")]
    [InlineData("/messages/{uuid}/content")]
    [InlineData("/conversations/{uuid}/messages")]
    public async Task Who_does_not_say_who_asks__is_shown_nothing(string path)
    {
        var problem = await AssertProblemAsync(HttpStatusCode.BadRequest, path.Replace("{uuid}", AUuid, StringComparison.Ordinal));

        Assert.Equal(["userId"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task Conversation__comes_in_pages__newest_first__each_message_once_though_new_ones_arrive()
    {
        var first = Some.Message();
        var expected = new List<Guid>();
        for (var i = 0; i < 23; i++)
        {
            // Several of one millisecond, so that the times alone would not order them.
            var message = first with { MessageId = Guid.NewGuid(), CreatedAt = DeliveryService.Start.AddMilliseconds(i % 3) };
            Service.Time.Advance(TimeSpan.FromMilliseconds(i % 4 == 0 ? 1 : 0));
            expected.Add(message.MessageId);
            await Service.SendAsync(message);
        }

        await Service.SendAsync(Some.Message());
        Service.Time.Advance(TimeSpan.FromSeconds(1));

        var seen = new List<MessageView>();
        string? cursor = null;
        do
        {
            var page = await PageAsync($"/conversations/{first.ConversationId}/messages?userId={first.SenderId}&limit=5&cursor={cursor}", cursor);
            Assert.InRange(page.Messages.Count, 1, 5);
            seen.AddRange(page.Messages);
            cursor = page.NextCursor;
            await Service.SendAsync(first with { MessageId = Guid.NewGuid(), CreatedAt = Service.Time.GetUtcNow() });
        }
        while (cursor is not null);

        Assert.Equal(expected.Order(), seen.Select(message => message.MessageId).Order());
        Assert.Equal(seen.Select(message => message.ReceivedAt).OrderDescending(), seen.Select(message => message.ReceivedAt));
    }

    [Fact]
    public async Task Page_that_is_just_full__is_the_last_one()
    {
        var message = Some.Message();
        await Service.SendAsync(message);
        await Service.SendAsync(message with { MessageId = Guid.NewGuid() });

        var page = await PageAsync($"/conversations/{message.ConversationId}/messages?userId={message.SenderId}&limit=2", null);

        Assert.Equal((2, null), (page.Messages.Count, page.NextCursor));
    }

    [Fact]
    public async Task Conversation__shows_a_user_only_what_the_user_sent_or_was_sent()
    {
        var message = Some.Message();
        var failed = message with { MessageId = Guid.NewGuid() };
        await Service.SendAsync(message);
        await Service.SendAsync(failed);
        await Service.MoveAsync(failed.MessageId, MessageStatus.Failed, "gone");
        var address = $"/conversations/{message.ConversationId}/messages?userId=";

        Assert.Equal(2, (await PageAsync($"{address}{message.SenderId}", null)).Messages.Count);
        Assert.Equal([message.MessageId], (await PageAsync($"{address}{message.RecipientId}", null)).Messages.Select(shown => shown.MessageId));
        Assert.Empty((await PageAsync($"{address}{Guid.NewGuid()}", null)).Messages);
    }

    [Fact]
    public async Task Inbox__has_what_was_sent_to_the_user__unread_leaves_out_what_was_read()
    {
        var user = Guid.NewGuid();
        var read = Some.Message() with { RecipientId = user };
        var unread = Some.Message() with { RecipientId = user };
        var failed = Some.Message() with { RecipientId = user };
        foreach (var message in new[] { read, unread, failed, Some.Message() with { SenderId = user } })
        {
            await Service.SendAsync(message);
        }

        await Service.MoveAsync(read.MessageId, MessageStatus.Read);
        await Service.MoveAsync(failed.MessageId, MessageStatus.Failed, "gone");

        var all = await PageAsync($"/users/{user}/messages", null);
        var open = await PageAsync($"/users/{user}/messages?unread=true&userId={user}", null);

        Assert.Equal(new[] { read.MessageId, unread.MessageId }.Order(), all.Messages.Select(message => message.MessageId).Order());
        Assert.Equal([unread.MessageId], open.Messages.Select(message => message.MessageId));
        await AssertProblemAsync(HttpStatusCode.Forbidden, $"/users/{user}/messages?userId={Guid.NewGuid()}");
    }

    [Theory]
    [InlineData("/messages/42", "id,userId")]
    [InlineData("/messages/{uuid}?userId=me", "userId")]
    [InlineData("/conversations/x/messages", "id,userId")]
    [InlineData("/conversations/{uuid}/messages?userId={uuid}&limit=0", "limit")]
    [InlineData("/conversations/{uuid}/messages?userId={uuid}&limit=201", "limit")]
    [InlineData("/conversations/{uuid}/messages?userId={uuid}&limit=1e2", "limit")]
    [InlineData("/conversations/{uuid}/messages?userId={uuid}&limit=-1", "limit")]
    [InlineData("/conversations/{uuid}/messages?userId={uuid}&limit=99999999999", "limit")]
    [InlineData("/conversations/{uuid}/messages?userId={uuid}&limit=1&limit=2", "limit")]
    [InlineData("/conversations/{uuid}/messages?userId={uuid}&cursor=zzz", "cursor")]
    [InlineData("/conversations/{uuid}/messages?userId={uuid}&cursor=f_______________________________", "cursor")]
    [InlineData("/users/me/messages", "id")]
    [InlineData("/users/{uuid}/messages?unread=yes", "unread")]
    [InlineData("/users/me/messages?limit=x&cursor=y&unread=z", "limit,cursor,unread,id")]
    public async Task Wrong_parameters__are_all_named(string path, string fields)
    {
        var problem = await AssertProblemAsync(HttpStatusCode.BadRequest, path.Replace("{uuid}", AUuid, StringComparison.Ordinal));

        Assert.Equal(fields.Split(',').Order(), problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
    }

    private async Task<MessagePage> PageAsync(string path, string? cursor)
    {
        var address = cursor is null ? path.Replace("&cursor=", string.Empty, StringComparison.Ordinal) : path;
        return (await Service.Http.GetFromJsonAsync<MessagePage>(address, Token))!;
    }

    private async Task<JsonElement> AssertProblemAsync(HttpStatusCode expected, string path)
    {
        using var response = await Service.Http.GetAsync(path, Token);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("traceId").GetString()!);
        return problem;
    }
}
