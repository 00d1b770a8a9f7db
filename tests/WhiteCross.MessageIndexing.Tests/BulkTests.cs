using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class BulkOnSqliteTests(PostgresServer postgres) : BulkTests(DatabaseKind.Sqlite, postgres);

public sealed class BulkOnPostgresTests(PostgresServer postgres) : BulkTests(DatabaseKind.Postgres, postgres);

/// <summary>A bulk delivery, to a service that is configured for bulks.</summary>
public abstract class BulkTests(DatabaseKind kind, PostgresServer postgres) : IndexingTests(kind, postgres)
{
    private const int Good = 60;

    private CountedIndex _counted = null!;

    [Fact]
    public async Task Bulk__is_indexed_in_common_transactions__and_its_bad_entries_harm_no_other()
    {
        var messages = Enumerable.Range(0, Good).Select(i => Some.Message($"fever {i}")).ToList();
        var jobs = messages.Select((message, i) => ($"good-{i}", IndexingService.DataOf(message))).ToList();
        jobs.Insert(10, ("without-content", new JsonObject { ["messageId"] = Guid.NewGuid(), ["operation"] = "index" }));
        jobs.Insert(30, ("no-object", JsonValue.Create("text")!));

        var statuses = await Service.DeliverBulkAsync(jobs);

        Assert.Equal(Enumerable.Repeat("SUCCESS", Good + 2), statuses);
        Assert.InRange(_counted.Transactions, 1, Good / 10); // One, unless the machine stood still for longer than events are gathered.
        Assert.Equal(messages.Select(message => message.MessageId).Order(), (await FoundAsync("fever", "&limit=100")).Order());
        foreach (var bad in new[] { "without-content", "no-object" })
        {
            Assert.Equal(JobState.Failed, (await Service.Jobs.GetAsync(JobQueues.MessageIndexing, bad, Token))!.State);
        }
    }

    [Fact]
    public async Task Sidecar__is_told_of_the_bulk_subscription()
    {
        var subscriptions = JsonNode.Parse(await Service.Http.GetStringAsync("/dapr/subscribe", Token))!.AsArray();

        Assert.Contains(subscriptions, subscription => (string?)subscription!["topic"] == "message-indexing" && (bool?)subscription["bulkSubscribe"]?["enabled"] is true);
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection([
            new("Queues:message-indexing:BulkSubscribe", "true"),
            new("Queues:message-indexing:Concurrency", "100"),
            new("Indexing:MaxBatch", $"{Good}"),
            new("Indexing:GatherMilliseconds", "1000"),
        ]);
        builder.Services.AddSingleton<IMessageIndex>(provider => _counted = new CountedIndex(
            provider.GetRequiredService<ServiceDatabase>() is { IsPostgres: true } database
                ? new PostgresMessageIndex(database.ConnectionString)
                : new SqliteMessageIndex(provider.GetRequiredService<ServiceDatabase>().ConnectionString)));
    }

    private sealed class CountedIndex(IMessageIndex index) : IMessageIndex
    {
        private int _transactions;

        public int Transactions => _transactions;

        public Task<IReadOnlyList<IndexEffect>> ApplyAsync(IReadOnlyList<IndexEvent> events, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _transactions);
            return index.ApplyAsync(events, cancellationToken);
        }

        public Task UpgradeAsync(CancellationToken cancellationToken) => index.UpgradeAsync(cancellationToken);

        public Task CheckAsync(CancellationToken cancellationToken) => index.CheckAsync(cancellationToken);

        public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken) => index.SearchAsync(request, cancellationToken);

        public Task<IReadOnlyList<IndexedMessage>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> ListAsync(Guid after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public bool MayBeOneEvents(Exception exception) => index.MayBeOneEvents(exception);
    }
}
