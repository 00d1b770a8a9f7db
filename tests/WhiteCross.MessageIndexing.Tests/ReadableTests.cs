using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class ReadableOnSqliteTests(PostgresServer postgres) : ReadableTests(DatabaseKind.Sqlite, postgres);

public sealed class ReadableOnPostgresTests(PostgresServer postgres) : ReadableTests(DatabaseKind.Postgres, postgres);

/// <summary>Search answers what its caller may read now, and the index can be made anew and compared.</summary>
public abstract class ReadableTests(DatabaseKind kind, PostgresServer postgres) : IndexingTests(kind, postgres)
{
    private readonly Delivered _delivered = new();

    [Fact]
    public async Task What_the_user_may_not_read_now__is_not_found__pages_stay_full_and_each_hit_comes_once()
    {
        var readable = new List<Guid>();
        for (var i = 0; i < 30; i++)
        {
            var message = Some.Message("fever") with { MessageTimestamp = Some.Morning.AddMinutes(i) };
            await Service.DeliverAsync(message);
            if (i % 3 == 0)
            {
                readable.Insert(0, message.MessageId);
            }
            else
            {
                _delivered.Hidden.Add((Some.Nurse, message.MessageId));
            }
        }

        var (seen, cursor) = (new List<Guid>(), "");
        do
        {
            var page = await Service.SearchAsync("fever", $"&limit=4&sort=time{cursor}");
            seen.AddRange(page.Results.Select(result => result.MessageId));
            Assert.True(page.NextCursor is null || page.Results.Count == 4);
            cursor = page.NextCursor is null ? null : $"&cursor={page.NextCursor}";
        }
        while (cursor is not null);

        Assert.Equal(readable, seen);
    }

    [Fact]
    public async Task Facets__count_all_that_may_be_read_by_conversation_and_sender__whatever_the_page__and_only_when_asked()
    {
        var (ward, lab) = (Guid.NewGuid(), Guid.NewGuid());
        var doctor = Guid.NewGuid();
        foreach (var (conversation, sender, hidden) in new[] { (ward, Some.Nurse, false), (ward, doctor, false), (ward, doctor, true), (lab, doctor, false) })
        {
            var message = Some.Message("fever") with { ConversationId = conversation, SenderId = sender, RecipientId = Some.Nurse };
            await Service.DeliverAsync(message);
            if (hidden)
            {
                _delivered.Hidden.Add((Some.Nurse, message.MessageId));
            }
        }

        var page = await Service.SearchAsync("fever", "&limit=1&facets=true");

        Assert.Equal([new SearchFacet(ward, 2), new SearchFacet(lab, 1)], page.Facets!.Conversations);
        Assert.Equal([new SearchFacet(doctor, 2), new SearchFacet(Some.Nurse, 1)], page.Facets.Senders);
        Assert.False(page.Facets.IsPart);
        Assert.Equal(page.Facets.Conversations, (await Service.SearchAsync("fever", $"&limit=1&facets=true&cursor={page.NextCursor}")).Facets!.Conversations);
        Assert.Null((await Service.SearchAsync("fever")).Facets);
        using var wrong = await Service.Http.GetAsync($"/search?q=fever&userId={Some.Nurse}&facets=maybe", Token);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task Not_known_what_may_be_read__nothing_is_shown()
    {
        await Service.DeliverAsync(Some.Message("fever"));
        _delivered.IsAway = true;

        using var answer = await Service.Http.GetAsync($"/search?q=fever&userId={Some.Nurse}", Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.DoesNotContain("mark", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_of_a_group__find_its_messages__others_do_not()
    {
        var (member, other) = (Guid.NewGuid(), Guid.NewGuid());
        var message = Some.Message("fever") with { MemberIds = [member, Some.Nurse] };
        await Service.DeliverAsync(message);

        Assert.Equal([message.MessageId], await FoundAsync("fever", user: member));
        Assert.Empty(await FoundAsync("fever", user: other));
    }

    [Fact]
    public async Task Rebuild__makes_the_index_from_the_messages__a_check_counts_what_differs_and_changes_nothing()
    {
        var (kept, gone, changed) = (Some.Message("kept words"), Some.Message("gone words"), Some.Message("other words"));
        foreach (var job in new[] { kept, gone, changed })
        {
            await Service.DeliverAsync(job);
        }

        var deleted = Some.Message("deleted words");
        await Service.DeliverAsync(new IndexMessageJob { MessageId = deleted.MessageId, Operation = IndexOperation.Delete, CreatedAt = Some.Morning });
        foreach (var (job, content) in new[] { (kept, kept.Content!), (changed, "true words"), (deleted, deleted.Content!) }.Concat(
            Enumerable.Range(0, 20).Select(_ => (Some.Message("many"), "many"))))
        {
            _delivered.Messages[job.MessageId] = new SourceMessage(
                job.MessageId, content, job.SenderId!.Value, job.RecipientId, null, job.ConversationId!.Value, job.MessageTimestamp ?? Some.Morning);
        }

        var before = await RunAsync(IndexOperation.Check);
        Assert.Equal((23, 21, 1, 1), (Number(before, "messages"), Number(before, "missing"), Number(before, "differing"), Number(before, "extra")));
        Assert.Equal(3, (await FoundAsync("words")).Count());

        var rebuilt = await RunAsync(IndexOperation.Rebuild);
        Assert.Equal((23, 22, 1), (Number(rebuilt, "messages"), Number(rebuilt, "written"), Number(rebuilt, "removed")));
        Assert.Equal(new[] { kept.MessageId, changed.MessageId, deleted.MessageId }.Order(), (await FoundAsync("words")).Order());
        Assert.Empty(await FoundAsync("gone"));
        Assert.Equal([changed.MessageId], await FoundAsync("true"));
        var after = await RunAsync(IndexOperation.Check);
        Assert.Equal((23, 0, 0, 0), (Number(after, "messages"), Number(after, "missing"), Number(after, "differing"), Number(after, "extra")));
    }

    [Fact]
    public async Task Words_of_another_version__are_made_anew_at_the_start()
    {
        var message = Some.Message("请明天验血");
        await Service.DeliverAsync(message);
        await ForgetWordsAsync();
        Assert.Empty(await FoundAsync("验血"));

        await using var restarted = await IndexingService.StartAsync(Database.ConnectionString, Configure);

        Assert.Equal([message.MessageId], (await restarted.SearchAsync("验血")).Results.Select(result => result.MessageId));
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Indexing:MaxBatch"] = "7";
        builder.Services.AddSingleton<IReadableMessages>(_delivered);
        builder.Services.AddSingleton<IMessageSource>(_delivered);
    }

    private static long Number(System.Text.Json.JsonElement result, string name) => result.GetProperty(name).GetInt64();

    private async Task<System.Text.Json.JsonElement> RunAsync(IndexOperation operation)
    {
        var record = await Service.DeliverAsync(new IndexMessageJob { Operation = operation });
        Assert.Equal(JobState.Completed, record.State);
        Assert.Equal(100, record.Progress!.Percentage);
        return record.Result!.Value;
    }

    private async Task ForgetWordsAsync()
    {
        if (Database.ConnectionString.StartsWith("Data Source", StringComparison.Ordinal))
        {
            await using var connection = new Microsoft.Data.Sqlite.SqliteConnection(Database.ConnectionString);
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = "DELETE FROM message_words; UPDATE text_version SET version = 1";
            await command.ExecuteNonQueryAsync(Token);
            return;
        }

        await using var source = Npgsql.NpgsqlDataSource.Create(Database.ConnectionString);
        await using var forget = source.CreateCommand("UPDATE indexed_messages SET words = NULL; UPDATE text_version SET version = 1");
        await forget.ExecuteNonQueryAsync(Token);
    }

    /// <summary>The delivery service, as the index sees it.</summary>
    private sealed class Delivered : IReadableMessages, IMessageSource
    {
        public HashSet<(Guid User, Guid Message)> Hidden { get; } = [];

        public SortedDictionary<Guid, SourceMessage> Messages { get; } = [];

        public bool IsAway { get; set; }

        public Task<IReadOnlySet<Guid>> HiddenFromAsync(Guid userId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken) => IsAway
            ? throw new HttpRequestException("away")
            : Task.FromResult<IReadOnlySet<Guid>>(messageIds.Where(id => Hidden.Contains((userId, id))).ToHashSet());

        public Task<SourcePage> ReadAsync(Guid? cursor, int limit, CancellationToken cancellationToken)
        {
            var page = Messages.Values.Where(message => cursor is null || message.MessageId.CompareTo(cursor.Value) > 0).Take(limit).ToList();
            return Task.FromResult(new SourcePage(page, page.Count == limit ? page[^1].MessageId : null, Messages.Count));
        }

        public Task<IReadOnlySet<Guid>> MissingAsync(IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<Guid>>(messageIds.Where(id => !Messages.ContainsKey(id)).ToHashSet());
    }
}
