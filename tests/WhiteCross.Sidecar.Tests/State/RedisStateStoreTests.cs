using StackExchange.Redis;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.State;
using WhiteCross.Sidecar.Tests.Resources;
using WhiteCross.Testing;

namespace WhiteCross.Sidecar.Tests.State;

public sealed class RedisStateStoreTests(RedisServer redis) : StateStoreContract, IAsyncLifetime
{
    private ConnectionMultiplexer _connection = null!;

    public async ValueTask InitializeAsync() => _connection = await redis.ConnectAsync();

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    protected override Task<IStateStore> StoreAsync(int? defaultTtlInSeconds = null) =>
        Task.FromResult<IStateStore>(new RedisStateStore(_connection, 0, TimeProvider.System, defaultTtlInSeconds));

    [Fact]
    public async Task The_hash_has_the_fields_that_Daprs_component_writes()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1"), Cancel);
        Assert.Equal(["data=1", "version=1"], await FieldsAsync("a"));
        await store.SetAsync(Write("a", "2") with { Concurrency = StateConcurrency.FirstWrite, TtlInSeconds = 60 }, Cancel);
        Assert.Equal(["data=2", "first-write=0", "version=2"], await FieldsAsync("a"));
        Assert.InRange((await _connection.GetDatabase().KeyTimeToLiveAsync(Key("a")))!.Value.TotalSeconds, 1, 60);
    }

    [Fact]
    public async Task A_plain_string_is_read_without_an_ETag_and_replaced_by_a_write()
    {
        await using var store = await StoreAsync();
        await _connection.GetDatabase().StringSetAsync(Key("a"), "plain");
        Assert.Equal(("plain", null), await ReadAsync(store, "a"));
        await store.SetAsync(Write("a", "1"), Cancel);
        Assert.Equal(("1", "1"), await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task A_component_connects_and_one_that_cannot_is_told()
    {
        using var folder = new ResourceFolder();
        var component = folder.WithComponent($"- {{ name: redisHost, value: \"{redis.EndPoint}\" }}\n- {{ name: ttlInSeconds, value: 60 }}", "state.redis").LoadOne();
        await using var store = await StateStoreFactory.CreateAsync(component, null, TimeProvider.System);
        await store.SetAsync(Write("a", "1"), Cancel);
        Assert.NotNull((await store.GetAsync(Key("a"), Cancel))!.ExpiresAt);

        await using var embedded = await StateStoreFactory.CreateAsync(component, new MemoryState(TimeProvider.System), TimeProvider.System);
        await embedded.SetAsync(Write("b", "1"), Cancel);
        Assert.NotNull((await embedded.GetAsync(Key("b"), Cancel))!.ExpiresAt);
        Assert.Null(await store.GetAsync(Key("b"), Cancel));

        var away = folder.WithComponent("- { name: redisHost, value: \"127.0.0.1:1\" }\n- { name: dialTimeout, value: 200ms }", "state.redis").LoadOne();
        await Assert.ThrowsAsync<ResourceException>(() => RedisStateStore.ConnectAsync(away, TimeProvider.System));
    }

    [Fact]
    public async Task A_Redis_that_goes_away_fails_the_operations_and_deletes_as_a_mismatch()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync(options => options.BacklogPolicy = BacklogPolicy.FailFast);
        await using var store = new RedisStateStore(connection, 0, TimeProvider.System);
        await store.SetAsync(Write("a", "secret-value"), Cancel);
        await server.KillAsync();

        Assert.Equal(StateStoreFailure.ETagMismatch, (await FailureAsync(() => store.DeleteAsync(new StateDelete(Key("a")), Cancel).AsTask())).Failure);
        Assert.Equal(StateStoreFailure.Failed, (await FailureAsync(() => store.GetAsync(Key("a"), Cancel).AsTask())).Failure);
        Assert.Equal(StateStoreFailure.Failed, (await FailureAsync(() => store.TransactAsync([Write("a", "2")], Cancel).AsTask())).Failure);
        Assert.Equal($"the key '{Key("a")}' could not be read: Redis failed", Assert.Single(await store.GetAllAsync([Key("a")], 1, Cancel)).Error);
        var exception = await FailureAsync(() => store.SetAsync(Write("a", "secret-value"), Cancel).AsTask());
        Assert.Equal((StateStoreFailure.Failed, $"the key '{Key("a")}' could not be written: Redis failed"), (exception.Failure, exception.Message));
        Assert.DoesNotContain("secret-value", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_of_another_type_is_no_state_store()
    {
        using var folder = new ResourceFolder();
        var component = folder.WithComponent("- { name: redisHost, value: a }").LoadOne();
        var exception = await Assert.ThrowsAsync<ResourceException>(() => StateStoreFactory.CreateAsync(component, null, TimeProvider.System).AsTask());
        Assert.Equal("jobs.yaml:1: component 'jobs' of type pubsub.redis is not a state store.", folder.Short(exception.Message));
    }

    private static Task<StateStoreException> FailureAsync(Func<Task> act) => Assert.ThrowsAsync<StateStoreException>(act);

    private async Task<IEnumerable<string>> FieldsAsync(string name) =>
        (await _connection.GetDatabase().HashGetAllAsync(Key(name))).Select(field => $"{field.Name}={field.Value}").Order(StringComparer.Ordinal);
}
