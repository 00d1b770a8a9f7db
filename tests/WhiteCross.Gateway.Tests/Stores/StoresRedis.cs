using StackExchange.Redis;
using WhiteCross.Gateway.Tests;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;
using WhiteCross.Testing;

[assembly: AssemblyFixture(typeof(StoresRedis))]

namespace WhiteCross.Gateway.Tests;

/// <summary>One Redis and one connection for the tests of the gateway's stores.</summary>
public sealed class StoresRedis : IAsyncLifetime, IJobStoreFactory
{
    private const int DatabaseNumber = 1;

    private readonly RedisServer _server = new();
    private ConnectionMultiplexer? _connection;

    public IConnectionMultiplexer Connection => _connection!;

    public IDatabase Database => Connection.GetDatabase(DatabaseNumber);

    /// <summary>A database that no other test uses.</summary>
    public int NewDatabase() => _server.NewDatabase();

    public IJobStore Create(Func<string, QueueOptions> options, TimeProvider time) => new RedisJobStore(Connection, DatabaseNumber, options, time);

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _connection = await _server.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection!.DisposeAsync();
        await _server.DisposeAsync();
    }
}

/// <summary>Job stores in memory.</summary>
public sealed class StoresInMemory : IJobStoreFactory
{
    public IJobStore Create(Func<string, QueueOptions> options, TimeProvider time) => new InMemoryJobStore(options, time);
}
