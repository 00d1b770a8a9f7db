using System.Collections.Concurrent;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>Several processes on one Redis, on Redis' own clock.</summary>
public sealed class RedisSharedStoreTests(JobStoreRedis redis)
{
    private readonly string _queue = RedisServer.NewName("shared");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_that_begin_a_job_at_once_exactly_one_may()
    {
        await using var other = await redis.Server.ConnectAsync();
        RedisJobStore[] stores = [Store(), new(other, JobStoreRedis.Database, _ => new QueueOptions())];
        string[] ids = [.. Enumerable.Range(0, 100).Select(n => $"job-{n}")];
        var started = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 16), Cancel, async (worker, cancel) =>
        {
            var results = await stores[worker % 2].BeginAsync(_queue, [.. ids.Select(id => new BeginRequest(id, Job(id)))], cancel);
            foreach (var result in results.Where(result => result.Outcome == BeginOutcome.Started))
            {
                started.Add(result.Run!.Key.JobId);
            }
        });
        Assert.Equal(ids.Order(), started.Order());
        Assert.Equal(100, (await stores[0].GetMetricsAsync([_queue], Cancel))[0].Added);
    }

    [Fact]
    public async Task What_one_store_hands_out_no_other_does()
    {
        await using var other = await redis.Server.ConnectAsync();
        RedisJobStore[] stores = [Store(), new(other, JobStoreRedis.Database, _ => new QueueOptions())];
        string[] ids = [.. Enumerable.Range(0, 200).Select(n => $"job-{n}")];
        await stores[0].AddAsync(_queue, [.. ids.Select(Job)], Cancel);
        await stores[1].RequestEventsAsync(_queue, ids, Cancel);
        var taken = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 16), Cancel, async (worker, cancel) =>
        {
            foreach (var job in (await stores[worker % 2].TakeDueAsync(_queue, 20, cancel)).Jobs)
            {
                taken.Add(job.JobId);
            }
        });
        Assert.Equal(ids.Order(), taken.Order());
    }

    [Fact]
    public async Task The_clock_is_that_of_Redis()
    {
        var store = Store();
        var before = await ServerTimeAsync();
        await store.AddAsync(_queue, [Job("a"), Job("b") with { Delay = TimeSpan.FromSeconds(30) }], Cancel);
        var run = (await store.BeginAsync(_queue, [new BeginRequest("a")], Cancel))[0].Run!;
        var after = await ServerTimeAsync();
        Assert.InRange(run.CreatedAt, before, after);
        Assert.InRange(run.StartedAt, before, after);
        var dueIn = (await store.TakeDueAsync(_queue, 1, Cancel)).NextDueIn!.Value;
        Assert.InRange(dueIn, TimeSpan.FromSeconds(30) - (await ServerTimeAsync() - before), TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("with spaces and ü")]
    [InlineData("a{b}c")]
    [InlineData("}{")]
    public async Task Any_queue_name_will_do(string name)
    {
        var queue = $"{name}-{_queue}";
        var store = Store();
        await store.AddAsync(queue, [Job("a")], Cancel);
        var run = (await store.BeginAsync(queue, [new BeginRequest("a")], Cancel))[0].Run!;
        await store.FinishAsync(queue, [new RunEnd(run.Key, RunEndKind.Completed)], Cancel);
        Assert.Equal(JobState.Completed, (await store.GetAsync(queue, "a", Cancel))?.State);
        Assert.Equal(queue, (await store.GetMetricsAsync([queue], Cancel))[0].Name);
    }

    [Fact]
    public async Task Data_of_a_megabyte_comes_back_byte_for_byte()
    {
        var data = new byte[1024 * 1024];
        Array.Fill(data, (byte)'x');
        data[0] = data[^1] = (byte)'"';
        var run = (await Store().BeginAsync(_queue, [new BeginRequest("a", Job("a") with { Data = data })], Cancel))[0].Run!;
        Assert.True(run.Data.Span.SequenceEqual(data));
        Assert.Equal(data.Length - 2, (await Store().GetAsync(_queue, "a", Cancel))!.Data.GetString()!.Length);
    }

    [Fact]
    public async Task A_job_whose_record_was_lost_does_not_stop_its_queue()
    {
        var store = Store();
        await store.AddAsync(_queue, [Job("lost"), Job("kept")], Cancel);
        await store.RequestEventsAsync(_queue, ["lost", "kept"], Cancel);
        await redis.Connection.GetDatabase(JobStoreRedis.Database).KeyDeleteAsync($"wc:{{{_queue}}}:job:lost");
        Assert.Equal(["kept"], (await store.TakeDueAsync(_queue, 10, Cancel)).Jobs.Select(job => job.JobId));
        Assert.Equal(["kept"], (await store.ListAsync(_queue, new JobQuery(), Cancel)).Jobs.Select(job => job.JobId));
        var metrics = (await store.GetMetricsAsync([_queue], Cancel))[0];
        Assert.Equal((2L, 1L, 1L), (metrics.Added, metrics.Waiting, metrics.Removed));
    }

    private static NewJob Job(string id) => new() { JobId = id, Type = "send-message", Data = "{}"u8.ToArray() };

    private RedisJobStore Store() => new(redis.Connection, JobStoreRedis.Database, _ => new QueueOptions());

    private async Task<DateTimeOffset> ServerTimeAsync()
    {
        var time = (long[])(await redis.Connection.GetDatabase().ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeMilliseconds((time[0] * 1000) + (time[1] / 1000));
    }
}
