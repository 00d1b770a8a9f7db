using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

/// <summary>Tests of a running service on a database of its own.</summary>
public abstract class IndexingTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    private TestDatabase? _database;
    private IndexingService? _service;

    protected IndexingService Service => _service!;

    protected TestDatabase Database => _database!;

    /// <summary>Whether the service logs at every level.</summary>
    protected virtual bool LogsEverything => false;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind, postgres, IndexingService.Migrated);
        _service = await IndexingService.StartAsync(_database.ConnectionString, Configure, LogsEverything);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    protected virtual void Configure(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
    {
    }

    /// <summary>The ids of the messages that a query finds, as the nurse.</summary>
    protected async Task<IEnumerable<Guid>> FoundAsync(string query, string parameters = "", Guid? user = null) =>
        (await Service.SearchAsync(query, parameters, user)).Results.Select(result => result.MessageId);
}
