namespace WhiteCross.Gateway.Tests;

/// <summary>What queues were like, on any store: whoever tells it, how often and in whatever order, and never more than fits.</summary>
public abstract class TrendContract
{
    private const long Start = 1_772_366_400; // A whole hour.

    private readonly string _queue = $"queue-{Guid.NewGuid()}";
    private readonly ITrendStore _trends;

    private protected TrendContract(ITrendStore trends) => _trends = trends;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_every_number__the_greatest_stays_in_whatever_order()
    {
        await NoteAsync(new TrendBucket(Start) { Waiting = 7, Active = 1, Completed = 3 });
        await NoteAsync(new TrendBucket(Start) { Waiting = 2, Active = 4, P95 = 250 });
        await NoteAsync(new TrendBucket(Start) { Waiting = 2, Active = 4, P95 = 250 });

        Assert.Equal([new TrendBucket(Start) { Waiting = 7, Active = 4, Completed = 3, P95 = 250 }], await ReadAsync(TrendRing.Minutes));
    }

    [Fact]
    public async Task A_later_bucket__takes_the_place_of_the_one_a_round_before_and_not_the_other_way()
    {
        var next = Start + (TrendRing.Minutes.Seconds * (long)TrendRing.Minutes.Count);
        await NoteAsync(new TrendBucket(Start) { Waiting = 1000 });
        await NoteAsync(new TrendBucket(next) { Waiting = 1 });
        await NoteAsync(new TrendBucket(Start) { Waiting = 2000 }); // Of a gateway whose clock is behind.

        Assert.Equal([new TrendBucket(next) { Waiting = 1 }], await ReadAsync(TrendRing.Minutes));
    }

    [Fact]
    public async Task A_ring__never_holds_more_than_its_places()
    {
        for (var from = 0; from < TrendRing.Minutes.Count + 40; from += 40)
        {
            await _trends.NoteAsync(
                _queue,
                [.. Enumerable.Range(from, 40).Select(i => new TrendNote(TrendRing.Minutes, new TrendBucket(Start + (i * 60L)) { Waiting = i }))],
                Cancel);
        }

        var all = await ReadAsync(TrendRing.Minutes);

        Assert.Equal(TrendRing.Minutes.Count, all.Count);
        Assert.Equal(TrendRing.Minutes.Count + 39, all.Max(bucket => bucket.Waiting));
    }

    [Fact]
    public async Task Rings_and_queues__are_told_apart()
    {
        await _trends.NoteAsync(_queue, [new TrendNote(TrendRing.Minutes, new TrendBucket(Start) { Waiting = 1 }), new TrendNote(TrendRing.Week, new TrendBucket(Start) { Waiting = 2 })], Cancel);

        Assert.Equal(1, Assert.Single(await ReadAsync(TrendRing.Minutes)).Waiting);
        Assert.Equal(2, Assert.Single(await ReadAsync(TrendRing.Week)).Waiting);
        Assert.Empty(await _trends.ReadAsync($"{_queue}-other", TrendRing.Week, Cancel));
    }

    private Task NoteAsync(TrendBucket bucket) => _trends.NoteAsync(_queue, [new TrendNote(TrendRing.Minutes, bucket)], Cancel);

    private Task<IReadOnlyList<TrendBucket>> ReadAsync(TrendRing ring) => _trends.ReadAsync(_queue, ring, Cancel);
}
