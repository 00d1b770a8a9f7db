using Microsoft.Extensions.Time.Testing;
using WhiteCross.Sidecar.State;

namespace WhiteCross.Sidecar.Tests.State;

public sealed class MemoryStateStoreTests : StateStoreContract
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryState _state;

    public MemoryStateStoreTests() => _state = new MemoryState(_time);

    protected override Task<IStateStore> StoreAsync(int? defaultTtlInSeconds = null) =>
        Task.FromResult<IStateStore>(new MemoryStateStore(_state, defaultTtlInSeconds));

    [Fact]
    public async Task A_value_is_gone_when_its_time_is_over()
    {
        await using var store = await StoreAsync();
        await store.SetAsync(Write("a", "1") with { TtlInSeconds = 10 }, Cancel);
        Assert.Equal(_time.GetUtcNow().AddSeconds(10), (await store.GetAsync(Key("a"), Cancel))!.ExpiresAt);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.NotNull(await store.GetAsync(Key("a"), Cancel));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(0, _state.Count);
        Assert.Null(await store.GetAsync(Key("a"), Cancel));
    }

    [Fact]
    public async Task Stores_share_what_they_are_given()
    {
        await using var one = await StoreAsync();
        await using var other = await StoreAsync();
        await one.SetAsync(Write("a", "1"), Cancel);
        Assert.Equal(("1", "1"), await ReadAsync(other, "a"));
    }

    [Fact]
    public async Task The_callers_buffer_may_be_used_again()
    {
        await using var store = await StoreAsync();
        byte[] buffer = [(byte)'1'];
        await store.SetAsync(new StateWrite(Key("a"), buffer), Cancel);
        buffer[0] = (byte)'2';
        Assert.Equal(("1", "1"), await ReadAsync(store, "a"));
    }
}
