using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>
/// Somebody has put a string in the place of one of a queue's keys: every script that meets it fails in its middle. Once it has gone, each job's hash and
/// the sets must say the same, and the job go on as if nothing had been.
/// </summary>
public sealed class RedisConsistencyTests(JobStoreRedis redis)
{
    private static readonly string[] StateSets = ["waiting:1", "waiting:5", "waiting:10", "waiting:20", "delayed", "active", "completed", "failed"];

    private readonly string _queue = RedisServer.NewName("consistent");

    public static TheoryData<string> Keys =>
        [.. StateSets.Except(["waiting:1", "waiting:10", "waiting:20"]), "outbox", "deadletters", "all", "tombs", "tombs-failed", "ends", "logs:runs", "steps:runs", "job:runs"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IDatabase Database => redis.Connection.GetDatabase(JobStoreRedis.Database);

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_script_that_fails_in_its_middle_leaves_hashes_and_sets_that_say_the_same(string key)
    {
        var store = new RedisJobStore(redis.Connection, JobStoreRedis.Database, _ => new QueueOptions());
        string[] ids = ["runs", "waits", "delayed", "failed", "completed", "also-failed"];
        await store.AddAsync(
            _queue, [.. ids.Select(id => Job(id) with { Delay = id == "delayed" ? TimeSpan.FromHours(1) : TimeSpan.Zero, Error = id.EndsWith("failed", StringComparison.Ordinal) ? new JobError("no") : null })], Cancel);
        var runs = await store.BeginAsync(_queue, [new BeginRequest("runs"), new BeginRequest("completed")], Cancel);
        await store.FinishAsync(_queue, [new RunEnd(runs[1].Run!.Key, RunEndKind.Completed)], Cancel);
        var run = runs[0].Run!.Key;

        Func<Task>[] calls =
        [
            () => store.AddAsync(_queue, [Job("new"), Job("later") with { Delay = TimeSpan.FromHours(1) }, Job("bad") with { Error = new JobError("no") }], Cancel),
            () => store.BeginAsync(_queue, [new BeginRequest("waits"), new BeginRequest("described", Job("described"))], Cancel),
            () => store.ReportAsync(_queue, [new RunReport(run) { Logs = ["line"], Step = "s", StepResult = "1"u8.ToArray() }], Cancel),
            () => store.FinishAsync(_queue, [new RunEnd(run, RunEndKind.Completed) { Logs = ["line"] }], Cancel),
            () => store.FinishAsync(_queue, [new RunEnd(run, RunEndKind.Retry) { Delay = TimeSpan.FromHours(1) }], Cancel),
            () => store.FinishAsync(_queue, [new RunEnd(run, RunEndKind.Failed)], Cancel),
            () => store.FinishAsync(_queue, [new RunEnd(run, RunEndKind.Released)], Cancel),
            () => store.PromoteAsync(_queue, "delayed", Cancel),
            () => store.RetryAsync(_queue, ["failed"], Cancel),
            () => store.RetryAsync(_queue, jobIds: null, Cancel),
            () => store.CancelAsync(_queue, "waits", Cancel),
            () => store.RemoveAsync(_queue, "completed", Cancel),
            () => store.RemoveAsync(_queue, "also-failed", Cancel),
            () => store.TakeDueAsync(_queue, 10, Cancel),
            () => store.RecoverStalledAsync(_queue, 10, Cancel),
            () => store.CleanAsync(_queue, TimeSpan.FromMilliseconds(-1), TimeSpan.FromMilliseconds(-1), Cancel),
            () => store.TrimAsync(_queue, Cancel),
        ];
        var name = (RedisKey)$"wc:{{{_queue}}}:{key}";
        var aside = (RedisKey)$"wc:{{{_queue}}}:aside";
        var failures = 0;
        foreach (var call in calls)
        {
            var existed = await Database.KeyExistsAsync(name);
            if (existed)
            {
                await Database.KeyRenameAsync(name, aside);
            }

            await Database.StringSetAsync(name, "in the way");
            try
            {
                await call();
            }
            catch (RedisServerException)
            {
                failures++;
            }

            await Database.KeyDeleteAsync(name);
            if (existed)
            {
                await Database.KeyRenameAsync(aside, name);
            }

            await CheckAsync(key);
        }

        Assert.InRange(failures, 1, calls.Length);
    }

    private async Task CheckAsync(string key)
    {
        var prefix = $"wc:{{{_queue}}}:";
        var all = (await Database.SortedSetRangeByRankAsync(prefix + "all")).Select(id => (string)id!).ToHashSet(StringComparer.Ordinal);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in StateSets)
        {
            foreach (var id in (await Database.SortedSetRangeByRankAsync(prefix + set)).Select(id => (string)id!))
            {
                Assert.True(found.Add(id), $"{key}: {id} is in two sets");
                var state = (string?)await Database.HashGetAsync($"{prefix}job:{id}", "state");
                Assert.Equal((id, set[0]), (id, state?[0] ?? '-'));
            }
        }

        Assert.Equal(all.Order(), found.Order());
        await foreach (var hash in redis.Connection.GetServers()[0].KeysAsync(JobStoreRedis.Database, $"{prefix}job:*").WithCancellation(Cancel))
        {
            Assert.Contains(((string)hash!)[(prefix.Length + "job:".Length)..], all);
        }
    }

    private static NewJob Job(string id) => new() { JobId = id, Type = "x", Data = "{}"u8.ToArray() };
}
