using System.Text;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>A newer version of the services works on the same Redis: what it adds to records this one neither trips over nor loses.</summary>
public sealed class NewerVersionTests(JobStoreRedis redis)
{
    private readonly string _queue = RedisServer.NewName("newer");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IDatabase Database => redis.Connection.GetDatabase(JobStoreRedis.Database);

    [Fact]
    public async Task Unknown_fields_of_a_job_survive_its_whole_life_here()
    {
        var store = new RedisJobStore(redis.Connection, JobStoreRedis.Database, _ => new QueueOptions());
        await store.AddAsync(_queue, [new NewJob { JobId = "a", Type = "x", Data = Encoding.UTF8.GetBytes("""{"known":1,"future":{"deep":[2]}}"""), MaxAttempts = 2 }], Cancel);
        var key = await KeyOfAsync("a");
        await Database.HashSetAsync(key, "tenant", "north");

        await EndAsync(store, new RunEnd(await BeginAsync(store), RunEndKind.Retry) { Error = new JobError("again"), Delay = TimeSpan.FromMinutes(1) });
        await store.PromoteAsync(_queue, "a", Cancel);
        var run = await BeginAsync(store);
        await store.ReportAsync(_queue, [new RunReport(run) { Logs = ["line"] }], Cancel);
        await EndAsync(store, new RunEnd(run, RunEndKind.Completed));

        Assert.Equal("north", await Database.HashGetAsync(key, "tenant"));
        var record = (await store.GetAsync(_queue, "a", Cancel))!;
        Assert.Equal((JobState.Completed, 2), (record.State, record.AttemptsMade));
        Assert.Equal(2, record.Data.GetProperty("future").GetProperty("deep")[0].GetInt32());
    }

    private async Task<RedisKey> KeyOfAsync(string jobId)
    {
        await foreach (var key in redis.Connection.GetServers()[0].KeysAsync(JobStoreRedis.Database, $"wc:{{{_queue}}}:*{jobId}").WithCancellation(Cancel))
        {
            if (await Database.KeyTypeAsync(key) == RedisType.Hash)
            {
                return key;
            }
        }

        throw new InvalidOperationException($"Job {jobId} has no hash.");
    }

    private async Task<RunKey> BeginAsync(RedisJobStore store) => (await store.BeginAsync(_queue, [new BeginRequest("a")], Cancel))[0].Run!.Key;

    private async Task EndAsync(RedisJobStore store, RunEnd end) => Assert.Equal([LeaseState.Held], await store.FinishAsync(_queue, [end], Cancel));
}
