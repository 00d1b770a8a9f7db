using System.Text;
using WhiteCross.Sidecar.State;

namespace WhiteCross.Sidecar.Tests.State;

/// <summary>The rules of state.redis, for every store that claims them.</summary>
public abstract class StateStoreContract
{
    private readonly string _prefix = Guid.NewGuid().ToString("N");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract Task<IStateStore> StoreAsync(int? defaultTtlInSeconds = null);

    [Fact]
    public async Task A_missing_key_has_no_value()
    {
        await using var store = await StoreAsync();
        Assert.Null(await store.GetAsync(Key("a"), Cancel));
    }

    [Fact]
    public async Task A_value_comes_back_byte_for_byte_with_a_version_that_counts_writes()
    {
        await using var store = await StoreAsync();
        byte[] bytes = [0, 1, 2, 255, (byte)'"', 10];
        await store.SetAsync(new StateWrite(Key("a"), bytes), Cancel);
        var first = await store.GetAsync(Key("a"), Cancel);
        Assert.Equal(bytes, first!.Data.ToArray());
        Assert.Equal(("1", null), (first.ETag, first.ExpiresAt));

        await store.SetAsync(Write("a", "b"), Cancel);
        Assert.Equal(("b", "2"), await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task An_empty_value_is_a_value()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", string.Empty), Cancel);
        Assert.Equal((string.Empty, "1"), await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task A_matching_ETag_writes_and_another_is_a_mismatch()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1"), Cancel);
        await store.SetAsync(Write("a", "2", "1"), Cancel);
        await FailsAsync(StateStoreFailure.ETagMismatch, $"the key '{Key("a")}' has another ETag", () => store.SetAsync(Write("a", "3", "1"), Cancel));
        Assert.Equal(("2", "2"), await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task An_ETag_on_a_missing_key_creates_it()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1", "7"), Cancel);
        Assert.Equal(("1", "1"), await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task An_ETag_that_is_no_integer_is_invalid_for_writes_deletes_and_transactions()
    {
        await using var store = await StoreAsync();
        var message = $"the ETag of the key '{Key("a")}' is not an integer, as this store's are";
        await FailsAsync(StateStoreFailure.ETagInvalid, message, () => store.SetAsync(Write("a", "1", "x"), Cancel));
        await FailsAsync(StateStoreFailure.ETagInvalid, message, () => store.DeleteAsync(new StateDelete(Key("a"), "x"), Cancel));
        await FailsAsync(StateStoreFailure.ETagInvalid, message, () => store.TransactAsync([Write("b", "1"), Write("a", "1", "x")], Cancel));
        Assert.Null(await store.GetAsync(Key("b"), Cancel));
    }

    [Fact]
    public async Task Last_write_does_not_look_at_the_ETag()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1"), Cancel);
        await store.SetAsync(Write("a", "2", "99") with { Concurrency = StateConcurrency.LastWrite }, Cancel);
        Assert.Equal(("2", "2"), await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task First_write_without_ETag_takes_a_key_that_never_saw_it_and_then_needs_the_ETag()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1"), Cancel);
        await store.SetAsync(Write("a", "2") with { Concurrency = StateConcurrency.FirstWrite }, Cancel);
        var message = $"the key '{Key("a")}' was written first-write and takes no write without its ETag";
        await FailsAsync(StateStoreFailure.Failed, message, () => store.SetAsync(Write("a", "3") with { Concurrency = StateConcurrency.FirstWrite }, Cancel));
        await FailsAsync(StateStoreFailure.Failed, message, () => store.SetAsync(Write("a", "3") with { Concurrency = StateConcurrency.LastWrite }, Cancel));
        await store.SetAsync(Write("a", "3", "2"), Cancel);
        Assert.Equal(("3", "3"), await ReadAsync(store, "a"));
        await FailsAsync(StateStoreFailure.Failed, message, () => store.SetAsync(Write("a", "4"), Cancel));
    }

    [Fact]
    public async Task Deletes_need_a_matching_ETag_or_none_and_a_missing_key_is_no_error()
    {
        await using var store = await StoreAsync();
        await store.DeleteAsync(new StateDelete(Key("a"), "5"), Cancel);
        await store.SetAsync(Write("a", "1"), Cancel);
        await FailsAsync(StateStoreFailure.ETagMismatch, $"the key '{Key("a")}' has another ETag", () => store.DeleteAsync(new StateDelete(Key("a"), "2"), Cancel));
        await store.DeleteAsync(new StateDelete(Key("a"), "1"), Cancel);
        Assert.Null(await store.GetAsync(Key("a"), Cancel));
        await store.SetAsync(Write("a", "1"), Cancel);
        await store.DeleteAsync(new StateDelete(Key("a")), Cancel);
        Assert.Null(await store.GetAsync(Key("a"), Cancel));
        await store.SetAsync(Write("a", "1"), Cancel);
        await store.DeleteAsync(new StateDelete(Key("a"), "9") { Concurrency = StateConcurrency.LastWrite }, Cancel);
        Assert.Null(await store.GetAsync(Key("a"), Cancel));
    }

    [Fact]
    public async Task A_key_that_was_deleted_begins_again()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1") with { Concurrency = StateConcurrency.FirstWrite }, Cancel);
        await store.DeleteAsync(new StateDelete(Key("a")), Cancel);
        await store.SetAsync(Write("a", "2"), Cancel);
        Assert.Equal(("2", "1"), await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task A_time_to_live_is_set_kept_and_taken_away()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1") with { TtlInSeconds = 3600 }, Cancel);
        var expiresAt = (await store.GetAsync(Key("a"), Cancel))!.ExpiresAt;
        Assert.NotNull(expiresAt);
        await store.SetAsync(Write("a", "2"), Cancel);
        Assert.Equal(expiresAt.Value, (await store.GetAsync(Key("a"), Cancel))!.ExpiresAt!.Value, TimeSpan.FromSeconds(60));
        await store.SetAsync(Write("a", "3") with { TtlInSeconds = -1 }, Cancel);
        Assert.Null((await store.GetAsync(Key("a"), Cancel))!.ExpiresAt);
    }

    [Fact]
    public async Task The_components_time_to_live_is_for_writes_that_set_none()
    {
        await using var store = await StoreAsync(defaultTtlInSeconds: 3600);
        await store.SetAsync(Write("a", "1"), Cancel);
        await store.SetAsync(Write("b", "1") with { TtlInSeconds = 0 }, Cancel);
        Assert.NotNull((await store.GetAsync(Key("a"), Cancel))!.ExpiresAt);
        Assert.Null((await store.GetAsync(Key("b"), Cancel))!.ExpiresAt);
    }

    [Fact]
    public async Task A_transaction_does_all_its_operations_in_order()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("gone", "1"), Cancel);
        await store.TransactAsync([Write("a", "1"), Write("a", "2", "1"), new StateDelete(Key("gone"), "1"), Write("b", "3") with { TtlInSeconds = 60 }], Cancel);
        Assert.Equal(("2", "2"), await ReadAsync(store, "a"));
        Assert.Null(await store.GetAsync(Key("gone"), Cancel));
        Assert.NotNull((await store.GetAsync(Key("b"), Cancel))!.ExpiresAt);
        await store.TransactAsync([], Cancel);
    }

    [Fact]
    public async Task A_refused_operation_fails_the_transaction_and_the_others_stay()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1"), Cancel);
        await FailsAsync(
            StateStoreFailure.Failed,
            $"the transaction failed at the key '{Key("a")}'; other operations of it have happened",
            () => store.TransactAsync([Write("b", "1"), Write("a", "2", "9"), Write("c", "1")], Cancel));
        Assert.Equal(("1", "1"), await ReadAsync(store, "a"));
        Assert.Equal(("1", "1"), await ReadAsync(store, "b"));
        Assert.Equal(("1", "1"), await ReadAsync(store, "c"));
    }

    [Fact]
    public async Task First_write_is_not_looked_at_in_a_transaction()
    {
        await using var store = await StoreAsync();
        await store.TransactAsync([Write("a", "1") with { Concurrency = StateConcurrency.FirstWrite }], Cancel);
        await store.SetAsync(Write("a", "2"), Cancel);
        Assert.Equal(("2", "2"), await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task Of_many_writers_with_one_ETag_one_wins()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "0"), Cancel);
        var wins = 0;
        await Parallel.ForEachAsync(Enumerable.Range(1, 20), Cancel, async (writer, token) =>
        {
            try
            {
                await store.SetAsync(Write("a", $"{writer}", "1"), token);
                Interlocked.Increment(ref wins);
            }
            catch (StateStoreException exception) when (exception.Failure == StateStoreFailure.ETagMismatch)
            {
                // One of the nineteen that lose.
            }
        });
        Assert.Equal(1, wins);
        Assert.Equal("2", (await store.GetAsync(Key("a"), Cancel))!.ETag);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Many_keys_come_back_in_their_order_and_missing_ones_without_a_value(int parallelism)
    {
        await using var store = await StoreAsync();
        string[] keys = [.. Enumerable.Range(0, 25).Select(number => Key($"k{number}"))];
        foreach (var number in Enumerable.Range(0, 25).Where(number => number % 2 == 0))
        {
            await store.SetAsync(Write($"k{number}", $"{number}"), Cancel);
        }

        var items = await store.GetAllAsync(keys, parallelism, Cancel);
        Assert.Equal(keys, items.Select(item => item.Key));
        Assert.All(items, (item, number) =>
        {
            Assert.Null(item.Error);
            Assert.Equal(number % 2 == 0 ? $"{number}" : null, item.Entry is { } entry ? Encoding.UTF8.GetString(entry.Data.Span) : null);
        });
    }

    [Fact]
    public async Task A_strong_write_comes_back()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1") with { Strong = true }, Cancel);
        Assert.Equal(("1", "1"), await ReadAsync(store, "a"));
    }

    protected string Key(string name) => $"{_prefix}||{name}";

    protected StateWrite Write(string name, string value, string? etag = null) => new(Key(name), Encoding.UTF8.GetBytes(value), etag);

    protected async Task<(string Value, string? ETag)> ReadAsync(IStateStore store, string name)
    {
        var entry = await store.GetAsync(Key(name), Cancel);
        return (Encoding.UTF8.GetString(entry!.Data.Span), entry.ETag);
    }

    private static async Task FailsAsync(StateStoreFailure failure, string message, Func<ValueTask> act)
    {
        var exception = await Assert.ThrowsAsync<StateStoreException>(() => act().AsTask());
        Assert.Equal((failure, message), (exception.Failure, exception.Message));
    }
}
