using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class OrderOnSqliteTests(PostgresServer postgres) : OrderTests(DatabaseKind.Sqlite, postgres);

public sealed class OrderOnPostgresTests(PostgresServer postgres) : OrderTests(DatabaseKind.Postgres, postgres);

/// <summary>Whatever comes late or again, the newest event decides.</summary>
public abstract class OrderTests(DatabaseKind kind, PostgresServer postgres) : IndexingTests(kind, postgres)
{
    [Fact]
    public async Task Update__takes_the_place_of_what_was_there()
    {
        var message = Some.Message("a fever");
        await Service.DeliverAsync(message);

        await Service.DeliverAsync(new() { MessageId = message.MessageId, Operation = IndexOperation.Update, Content = "a cough" });

        Assert.Empty(await FoundAsync("fever"));
        var found = Assert.Single((await Service.SearchAsync("cough")).Results);
        Assert.Equal((message.MessageId, message.SenderId, message.ConversationId, Some.Morning), (found.MessageId, found.SenderId, found.ConversationId, found.MessageTimestamp));
    }

    [Fact]
    public async Task Late_index__does_not_undo_an_update__but_says_whose_message_it_is()
    {
        var message = Some.Message("a fever");
        await Service.DeliverAsync(new() { MessageId = message.MessageId, Operation = IndexOperation.Update, Content = "a cough" });
        Assert.Empty(await FoundAsync("cough"));

        var late = await Service.DeliverAsync(message);
        var again = await Service.DeliverAsync(message);

        Assert.True(late.Result!.Value.GetProperty("changed").GetBoolean());
        Assert.False(again.Result!.Value.GetProperty("changed").GetBoolean());
        Assert.Equal([message.MessageId], await FoundAsync("cough", user: Some.Parent));
        Assert.Empty(await FoundAsync("fever"));
    }

    [Fact]
    public async Task Deleted_message__stays_deleted__whatever_comes_late()
    {
        var message = Some.Message("a fever");
        await Service.DeliverAsync(message);
        await Service.DeliverAsync(new() { MessageId = message.MessageId, Operation = IndexOperation.Delete });

        Assert.Empty(await FoundAsync("fever"));
        Assert.Equal(JobState.Completed, (await Service.DeliverAsync(message)).State);
        await Service.DeliverAsync(message with { Operation = IndexOperation.Update, CreatedAt = Some.Morning.AddHours(1) });
        await Service.DeliverAsync(new() { MessageId = message.MessageId, Operation = IndexOperation.Delete });

        Assert.Empty(await FoundAsync("fever"));
    }

    [Fact]
    public async Task Delete_before_index__is_remembered()
    {
        var message = Some.Message("a fever");
        await Service.DeliverAsync(new() { MessageId = message.MessageId, Operation = IndexOperation.Delete });
        await Service.DeliverAsync(message);

        Assert.Empty(await FoundAsync("fever"));
    }

    [Fact]
    public async Task Late_delete__does_not_undo_what_is_newer()
    {
        var message = Some.Message("a fever") with { MessageTimestamp = null, CreatedAt = Some.Morning.AddHours(2) };
        await Service.DeliverAsync(message);
        await Service.DeliverAsync(new() { MessageId = message.MessageId, Operation = IndexOperation.Delete, CreatedAt = Some.Morning.AddHours(1) });

        Assert.Equal([message.MessageId], await FoundAsync("fever"));
    }

    [Fact]
    public async Task Events_that_give_another_time_each__are_put_in_order_by_it()
    {
        var newer = Some.Message("a cough") with { Operation = IndexOperation.Update, MessageTimestamp = Some.Morning.AddMinutes(5) };
        await Service.DeliverAsync(newer);
        await Service.DeliverAsync(newer with { Content = "a fever", MessageTimestamp = Some.Morning });

        Assert.Equal([newer.MessageId], await FoundAsync("cough"));
        Assert.Empty(await FoundAsync("fever"));
    }

    [Fact]
    public async Task Clock_that_is_ahead__does_not_make_an_event_the_newest_for_days()
    {
        var message = Some.Message("a fever") with { Operation = IndexOperation.Update, CreatedAt = TimeProvider.System.GetUtcNow().AddDays(7) };
        await Service.DeliverAsync(message);
        await Service.DeliverAsync(new() { MessageId = message.MessageId, Operation = IndexOperation.Delete });

        Assert.Empty(await FoundAsync("fever"));
    }

    [Fact]
    public async Task In_any_order_and_any_grouping__the_index_comes_out_the_same()
    {
        var random = new Random(20260304);
        for (var round = 0; round < 60; round++)
        {
            var id = Guid.NewGuid();
            var events = Enumerable.Range(0, 6).Select(i => EventAt(id, i, random.Next(4))).ToArray();
            var expected = events[^1].IsDelete ? [] : new[] { id };
            var shuffled = events.Concat(events.Take(3)).ToArray();
            random.Shuffle(shuffled);

            foreach (var group in shuffled.Chunk(random.Next(1, 5)))
            {
                await Service.Index.ApplyAsync(group, Token);
            }

            var found = await Service.Index.SearchAsync(Some.Search($"version5 {id:N}"), Token);
            Assert.Equal(expected, found.Hits.Select(hit => hit.Message.Id));
            for (var i = 0; i < 5; i++)
            {
                Assert.Empty((await Service.Index.SearchAsync(Some.Search($"version{i} {id:N}"), Token)).Hits);
            }
        }

        static IndexEvent EventAt(Guid id, int i, int kind) =>
            kind == 0 ? new IndexEvent(id, IndexOperation.Delete, Some.Morning.AddMinutes(i))
            : Some.Event($"version{i} {id:N}", id) with { Operation = IndexOperation.Update, CreatedAt = Some.Morning.AddMinutes(i) };
    }
}
