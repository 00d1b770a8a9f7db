using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Redis.Tests;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;
using WhiteCross.Testing;

[assembly: AssemblyFixture(typeof(JobStoreRedis))]

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>One Redis and one connection for all tests; their queues have different names.</summary>
public sealed class JobStoreRedis : IAsyncLifetime, IJobStoreFactory
{
    public const int Database = 1;

    private ConnectionMultiplexer? _connection;

    public RedisServer Server { get; } = new();

    public IConnectionMultiplexer Connection => _connection!;

    public IJobStore Create(Func<string, QueueOptions> options, TimeProvider time) => new RedisJobStore(Connection, Database, options, time);

    public async ValueTask InitializeAsync()
    {
        await Server.InitializeAsync();
        _connection = await Server.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection!.DisposeAsync();
        await Server.DisposeAsync();
    }
}
