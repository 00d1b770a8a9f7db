using System.Globalization;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>The lanes' streams, as Dapr's component writes and reads them.</summary>
public sealed class RedisLaneInspectorTests
{
    // No test takes so long between reading and looking.
    private static readonly TimeSpan LongAgo = TimeSpan.FromHours(1);

    private readonly string _queue = RedisServer.NewName("lane");
    private readonly IDatabase _database;
    private readonly RedisLaneInspector _inspector;

    public RedisLaneInspectorTests(JobStoreRedis redis)
    {
        _database = redis.Connection.GetDatabase(JobStoreRedis.Database);
        _inspector = new RedisLaneInspector(redis.Connection, JobStoreRedis.Database) { TakenAfter = LongAgo };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lane_without_a_stream_is_taken_up_to_now()
    {
        var ages = await _inspector.GetOldestEventsAsync(_queue, Cancel);

        Assert.Equal([JobPriority.Low, JobPriority.Normal, JobPriority.High, JobPriority.Critical], ages.Keys.Order());
        Assert.All(ages.Values, age => Assert.Equal(TimeSpan.Zero, age));
    }

    [Fact]
    public async Task A_lane_whose_oldest_entry_is_of_a_time_to_come_cannot_be_told_since_the_clock_was_set_back()
    {
        await AddAsync(_queue, (await ServerTimeAsync()).AddHours(1).ToUnixTimeMilliseconds());

        Assert.Equal(
            [JobPriority.Low, JobPriority.High, JobPriority.Critical], (await _inspector.GetOldestEventsAsync(_queue, Cancel)).Keys.Order());
    }

    [Fact]
    public async Task Before_the_group_exists_everything_is_unread()
    {
        await AddAsync(_queue, 1000, 2000);
        await AssertOldestAsync(At(1000), JobPriority.Normal);
    }

    [Fact]
    public async Task The_oldest_unread_entry_is_the_mark_when_nothing_is_pending()
    {
        await AddAsync(_queue, 1000, 2000, 3000);
        await SubscribeAsync(_queue, _queue);
        await ReadAsync(_queue, _queue, 2);
        await AcknowledgeAsync(_queue, _queue, 1000, 2000);
        await AssertOldestAsync(At(3000), JobPriority.Normal);
    }

    [Fact]
    public async Task The_oldest_pending_entry_is_the_mark_however_much_was_read_after_it()
    {
        var topic = JobLanes.Of(JobPriority.Critical).TopicOf(_queue);
        await AddAsync(topic, 1000, 2000, 3000, 4000);
        await SubscribeAsync(topic, _queue);
        await ReadAsync(topic, _queue, 3);
        await AcknowledgeAsync(topic, _queue, 1000, 3000);
        await AssertOldestAsync(At(2000), JobPriority.Critical);
    }

    [Fact]
    public async Task Other_groups_do_not_count()
    {
        await AddAsync(_queue, 1000);
        await SubscribeAsync(_queue, "somebody-else");
        await SubscribeAsync(_queue, _queue);
        await ReadAsync(_queue, _queue, 1);
        await AcknowledgeAsync(_queue, _queue, 1000);
        Assert.Equal(TimeSpan.Zero, (await _inspector.GetOldestEventsAsync(_queue, Cancel))[JobPriority.Normal]);
    }

    [Fact]
    public async Task What_was_read_long_ago_counts_as_taken_however_much_of_it_there_is()
    {
        await AddAsync(_queue, [.. Enumerable.Range(1, 250).Select(i => 1000L * i)]);
        await SubscribeAsync(_queue, _queue);
        await ReadAsync(_queue, _queue, 249);
        await _database.ScriptEvaluateAsync(
            "for i = 1, 230 do redis.call('XCLAIM', KEYS[1], ARGV[1], 'someone', 0, (1000 * i) .. '-0', 'IDLE', ARGV[2], 'RETRYCOUNT', 1) end",
            [(RedisKey)_queue],
            [_queue, (long)LongAgo.TotalMilliseconds]);
        await AssertOldestAsync(At(231_000), JobPriority.Normal);

        await AcknowledgeAsync(_queue, _queue, [.. Enumerable.Range(231, 19).Select(i => 1000L * i)]);
        await AssertOldestAsync(At(250_000), JobPriority.Normal);
    }

    [Fact]
    public async Task What_is_read_again_counts_as_taken_however_short_ago_that_was()
    {
        await AddAsync(_queue, 1000, 2000, 3000);
        await SubscribeAsync(_queue, _queue);
        await ReadAsync(_queue, _queue, 2);
        await _database.ExecuteAsync("XCLAIM", _queue, _queue, "another", 0, "1000-0");
        await AssertOldestAsync(At(2000), JobPriority.Normal);

        await _database.ExecuteAsync("XCLAIM", _queue, _queue, "another", 0, "2000-0");
        await AssertOldestAsync(At(3000), JobPriority.Normal);
    }

    [Fact]
    public async Task Trimming_removes_what_every_group_has_acknowledged_and_keeps_what_is_pending_or_unread()
    {
        await AddAsync(_queue, 1000, 2000, 3000, 4000, 5000);
        await SubscribeAsync(_queue, "one");
        await SubscribeAsync(_queue, "two");
        await ReadAsync(_queue, "one", 5);
        await AcknowledgeAsync(_queue, "one", 1000, 2000, 4000, 5000);
        Assert.Equal(0, await _inspector.TrimAsync(_queue, Cancel));

        await ReadAsync(_queue, "two", 2);
        await AcknowledgeAsync(_queue, "two", 1000);
        Assert.Equal(1, await _inspector.TrimAsync(_queue, Cancel));
        Assert.Equal(["2000-0", "3000-0", "4000-0", "5000-0"], await EntriesAsync());

        await ReadAsync(_queue, "two", 3);
        await AcknowledgeAsync(_queue, "two", 2000, 3000, 4000, 5000);
        Assert.Equal(1, await _inspector.TrimAsync(_queue, Cancel));
        Assert.Equal(["3000-0", "4000-0", "5000-0"], await EntriesAsync());

        await AcknowledgeAsync(_queue, "one", 3000);
        Assert.Equal(3, await _inspector.TrimAsync(_queue, Cancel));
        Assert.Empty(await EntriesAsync());
        Assert.Equal(0, await _inspector.TrimAsync(_queue, Cancel));
    }

    [Fact]
    public async Task Trimming_leaves_alone_what_nobody_has_subscribed_to()
    {
        await AddAsync(_queue, 1000);
        Assert.Equal(0, await _inspector.TrimAsync(_queue, Cancel));
        Assert.Equal(0, await _inspector.TrimAsync(_queue + ".none", Cancel));
        Assert.Equal(["1000-0"], await EntriesAsync());
    }

    [Fact]
    public async Task Trimming_goes_on_to_the_end_however_much_there_is()
    {
        await SubscribeAsync(_queue, _queue);
        foreach (var _ in Enumerable.Range(0, 25))
        {
            await _database.ScriptEvaluateAsync("for i = 1, 1000 do redis.call('XADD', KEYS[1], '*', 'data', 'x') end", [(RedisKey)_queue]);
        }

        await ReadAsync(_queue, _queue, 24_950);
        await _database.ScriptEvaluateAsync(
            "for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 24940)) do redis.call('XACK', KEYS[1], ARGV[1], entry[1]) end",
            [(RedisKey)_queue],
            [_queue]);
        Assert.Equal(24_940, await _inspector.TrimAsync(_queue, Cancel));
        Assert.Equal(60, await _database.StreamLengthAsync(_queue));
    }

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private async Task AssertOldestAsync(DateTimeOffset expected, JobPriority priority)
    {
        var before = await ServerTimeAsync();
        var age = (await _inspector.GetOldestEventsAsync(_queue, Cancel))[priority];
        var after = await ServerTimeAsync();
        Assert.InRange(age, before - expected, after - expected);
    }

    private async Task<DateTimeOffset> ServerTimeAsync()
    {
        var time = (long[])(await _database.ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeMilliseconds((time[0] * 1000) + (time[1] / 1000));
    }

    private async Task AddAsync(string topic, params long[] times)
    {
        foreach (var time in times)
        {
            await _database.ExecuteAsync("XADD", topic, time.ToString(CultureInfo.InvariantCulture) + "-0", "data", "{}");
        }
    }

    private Task<RedisResult> SubscribeAsync(string topic, string group) => _database.ExecuteAsync("XGROUP", "CREATE", topic, group, "0", "MKSTREAM");

    private Task<RedisResult> ReadAsync(string topic, string group, int count) =>
        _database.ExecuteAsync("XREADGROUP", "GROUP", group, group, "COUNT", count, "STREAMS", topic, ">");

    private async Task AcknowledgeAsync(string topic, string group, params long[] times)
    {
        foreach (var time in times)
        {
            Assert.Equal(1, await _database.StreamAcknowledgeAsync(topic, group, time.ToString(CultureInfo.InvariantCulture) + "-0"));
        }
    }

    private async Task<string[]> EntriesAsync() => [.. (await _database.StreamRangeAsync(_queue)).Select(entry => (string)entry.Id!)];
}
