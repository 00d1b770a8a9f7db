using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>Tests of a running service on a database of its own.</summary>
public abstract class DeliveryTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    private TestDatabase? _database;
    private DeliveryService? _service;

    protected TestDatabase Database => _database!;

    protected DeliveryService Service => _service!;

    /// <summary>Whether the service logs at every level.</summary>
    protected virtual bool LogsEverything => false;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind, postgres, DeliveryService.Migrated);
        _service = await DeliveryService.StartAsync(_database.ConnectionString, Configure, LogsEverything);
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
}
