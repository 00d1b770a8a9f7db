using Microsoft.Extensions.Configuration;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>A call that fails says whether it is known to have changed nothing.</summary>
public sealed class RedisEffectTests
{
    private const string Queue = JobQueues.MessageDelivery;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_answer_of_a_Redis_that_hangs_is_unknown_and_the_job_may_be_there()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync(options => options.AsyncTimeout = 2_000);
        var store = Store(connection);
        await AddAsync(store, "a");
        server.Pause();
        JobStoreUnavailableException exception;
        try
        {
            exception = await Assert.ThrowsAsync<JobStoreUnavailableException>(() => AddAsync(store, "b"));
        }
        finally
        {
            server.Continue();
        }

        Assert.False(exception.IsWithoutEffect);
        await UntilAsync(async () => await store.IsAvailableAsync(Cancel) && await store.GetAsync(Queue, "b", Cancel) is not null);
    }

    [Fact]
    public async Task What_never_left_for_a_Redis_that_is_away_has_changed_nothing()
    {
        await using var server = await RedisServer.StartLocalAsync(appendOnly: true);
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        await AddAsync(store, "a");
        await server.KillAsync();
        await UntilAsync(() => Task.FromResult(!connection.IsConnected));

        var exception = await Assert.ThrowsAsync<JobStoreUnavailableException>(() => AddAsync(store, "b"));
        Assert.True(exception.IsWithoutEffect, exception.InnerException?.Message);

        await server.RestartAsync();
        await UntilAsync(() => store.IsAvailableAsync(Cancel));
        Assert.Null(await store.GetAsync(Queue, "b", Cancel));
    }

    [Fact]
    public async Task What_a_replica_refuses_has_changed_nothing()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        await AddAsync(store, "a");
        await connection.GetServer(server.Host, server.Port).ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        JobStoreUnavailableException? exception = null;
        await UntilAsync(async () =>
        {
            exception = await Record.ExceptionAsync(() => AddAsync(store, "b")) as JobStoreUnavailableException;
            return exception is { IsWithoutEffect: true };
        });

        await connection.GetServer(server.Host, server.Port).ExecuteAsync("REPLICAOF", "NO", "ONE");
        Assert.Null(await store.GetAsync(Queue, "b", Cancel));
    }

    private static RedisJobStore Store(IConnectionMultiplexer connection) => new(connection, 1, _ => new QueueOptions());

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer server)
    {
        var settings = new Dictionary<string, string?> { ["REDIS_HOST"] = server.Host, ["REDIS_PORT"] = $"{server.Port}" };
        var options = RedisJobStoreOptions.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).ToConfigurationOptions();
        options.AllowAdmin = true;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    private static Task<IReadOnlyList<AddResult>> AddAsync(RedisJobStore store, string id) =>
        store.AddAsync(Queue, [new NewJob { JobId = id, Type = "send-message", Data = "{}"u8.ToArray() }], Cancel);

    private static Task UntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(condition);
}
