using Microsoft.Extensions.Configuration;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>What happens when Redis is away, hangs, restarts, forgets its scripts, or answers that it cannot serve.</summary>
public sealed class RedisFaultTests
{
    private const string Queue = "message-delivery";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Redis_that_is_away_is_told_as_such_and_is_used_again_when_it_is_back()
    {
        await using var server = await RedisServer.StartLocalAsync(appendOnly: true);
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        await AddAsync(store, "kept");
        await server.KillAsync();

        var exception = await Assert.ThrowsAsync<JobStoreUnavailableException>(() => UntilItThrowsAsync(() => AddAsync(store, "patient-42")));
        Assert.DoesNotContain("patient-42", exception.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<JobStoreUnavailableException>(() => store.GetMetricsAsync([Queue], Cancel));
        await Assert.ThrowsAsync<JobStoreUnavailableException>(() => new RedisLaneInspector(connection, 1).GetOldestEventsAsync(Queue, Cancel));
        Assert.False(await store.IsAvailableAsync(Cancel));

        await server.RestartAsync();
        await UntilAsync(() => store.IsAvailableAsync(Cancel));
        Assert.Equal(JobState.Waiting, (await store.GetAsync(Queue, "kept", Cancel))?.State);
        Assert.Null(await store.GetAsync(Queue, "patient-42", Cancel));
        Assert.Equal(1, (await store.GetMetricsAsync([Queue], Cancel))[0].Added);
    }

    [Fact]
    public async Task A_Redis_that_hangs_is_told_as_such()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync(options => options.AsyncTimeout = 2_000);
        var store = Store(connection);
        await AddAsync(store, "a");
        server.Pause();
        try
        {
            var exception = await Assert.ThrowsAsync<JobStoreUnavailableException>(() => AddAsync(store, "patient-42"));
            Assert.DoesNotContain("patient-42", exception.ToString(), StringComparison.Ordinal);
            Assert.False(await store.IsAvailableAsync(Cancel));
        }
        finally
        {
            server.Continue();
        }

        await UntilAsync(() => store.IsAvailableAsync(Cancel));
        Assert.NotNull(await store.GetAsync(Queue, "a", Cancel));
    }

    [Fact]
    public async Task Runs_survive_a_power_cut_of_a_Redis_that_writes_its_append_only_file()
    {
        await using var server = await RedisServer.StartLocalAsync(appendOnly: true);
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        await AddAsync(store, "a");
        var run = (await store.BeginAsync(Queue, [new BeginRequest("a")], Cancel))[0].Run!;
        await store.ReportAsync(Queue, [new RunReport(run.Key) { Step = "mail", StepResult = "1"u8.ToArray(), Logs = ["sent"] }], Cancel);

        await server.KillAsync();
        await server.RestartAsync();
        await UntilAsync(() => store.IsAvailableAsync(Cancel));

        Assert.Equal(BeginOutcome.Running, (await store.BeginAsync(Queue, [new BeginRequest("a")], Cancel))[0].Outcome);
        Assert.Equal([LeaseState.Held], await store.FinishAsync(Queue, [new RunEnd(run.Key, RunEndKind.Completed)], Cancel));
        var record = await store.GetAsync(Queue, "a", Cancel);
        Assert.Equal(JobState.Completed, record?.State);
        Assert.Equal(["mail"], record!.Steps);
        Assert.Equal(["sent"], record.Logs);
    }

    [Fact]
    public async Task Changes_are_told_again_after_Redis_was_away()
    {
        await using var server = await RedisServer.StartLocalAsync(appendOnly: true);
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        await using var changes = store.WatchAsync(Queue, Cancel).GetAsyncEnumerator(Cancel);
        await UntilToldAsync("before");

        await server.KillAsync();
        await server.RestartAsync();
        await UntilAsync(() => store.IsAvailableAsync(Cancel));
        await UntilToldAsync("after");

        async Task UntilToldAsync(string prefix)
        {
            var next = changes.MoveNextAsync().AsTask();
            var number = 0;
            await UntilAsync(async () =>
            {
                await AddAsync(store, $"{prefix}-{++number}");
                while (next.IsCompleted && await next && !changes.Current.JobId.StartsWith(prefix, StringComparison.Ordinal))
                {
                    next = changes.MoveNextAsync().AsTask();
                }

                return next.IsCompleted;
            });
            Assert.StartsWith(prefix, changes.Current.JobId, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Watching_while_Redis_is_away_is_told_as_such()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await ConnectAsync(server);
        await server.KillAsync();
        var store = Store(connection);
        await UntilAsync(async () => !await store.IsAvailableAsync(Cancel));
        await using var changes = store.WatchAsync(Queue, Cancel).GetAsyncEnumerator(Cancel);
        await Assert.ThrowsAsync<JobStoreUnavailableException>(() => changes.MoveNextAsync().AsTask());
    }

    [Fact]
    public async Task Scripts_that_Redis_has_forgotten_are_sent_again()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        foreach (var id in (string[])["a", "b", "c"])
        {
            await AddAsync(store, id);
            await connection.GetServer(server.Host, server.Port).ScriptFlushAsync();
        }

        Assert.Equal(3, (await store.GetMetricsAsync([Queue], Cancel))[0].Added);
    }

    [Fact]
    public async Task A_Redis_that_takes_no_writes_is_unavailable()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        await AddAsync(store, "a");
        await connection.GetServer(server.Host, server.Port).ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await Assert.ThrowsAsync<JobStoreUnavailableException>(() => UntilItThrowsAsync(() => AddAsync(store, "patient-42")));
    }

    [Fact]
    public async Task A_Redis_without_memory_left_is_unavailable()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await ConnectAsync(server);
        await connection.GetServer(server.Host, server.Port).ConfigSetAsync("maxmemory", "1");
        var exception = await Assert.ThrowsAsync<JobStoreUnavailableException>(() => AddAsync(Store(connection), "patient-42"));
        Assert.Contains("OOM", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("patient-42", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_without_memory_left_still_takes_what_ends_jobs_and_makes_room()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        foreach (var id in (string[])["runs", "waits", "failed", "cleaned", "cancelled"])
        {
            await AddAsync(store, id);
        }

        var runs = await store.BeginAsync(Queue, [new BeginRequest("runs"), new BeginRequest("failed"), new BeginRequest("cleaned")], Cancel);
        await store.FinishAsync(Queue, [new RunEnd(runs[1].Run!.Key, RunEndKind.Failed), new RunEnd(runs[2].Run!.Key, RunEndKind.Completed)], Cancel);
        await connection.GetServer(server.Host, server.Port).ConfigSetAsync("maxmemory", "1");
        await Assert.ThrowsAsync<JobStoreUnavailableException>(() => AddAsync(store, "more"));
        await Assert.ThrowsAsync<JobStoreUnavailableException>(() => store.BeginAsync(
            Queue, [new BeginRequest("more", new NewJob { JobId = "more", Type = "x", Data = "{}"u8.ToArray() })], Cancel));

        var run = runs[0].Run!.Key;
        Assert.Equal([LeaseState.Held], await store.RenewAsync(Queue, [run], Cancel));
        Assert.Equal([LeaseState.Held], await store.ReportAsync(Queue, [new RunReport(run) { Step = "mail", StepResult = "1"u8.ToArray(), Logs = ["sent"] }], Cancel));
        Assert.Equal([LeaseState.Held], await store.FinishAsync(Queue, [new RunEnd(run, RunEndKind.Completed)], Cancel));
        Assert.Equal(ChangeOutcome.Done, await store.CancelAsync(Queue, "cancelled", Cancel));
        Assert.Equal(ChangeOutcome.Done, await store.RemoveAsync(Queue, "cancelled", Cancel));
        var owed = await store.TakeDeadLettersAsync(Queue, ["failed"], Cancel);
        await store.ConfirmDeadLettersAsync(Queue, [new JobClaim("failed", owed[0].Claim)], Cancel);
        await store.RequestEventsAsync(Queue, ["waits"], Cancel);
        Assert.Equal("waits", (await store.TakeDueAsync(Queue, 10, Cancel)).Jobs.Single().JobId);
        Assert.Equal(BeginOutcome.Started, (await store.BeginAsync(Queue, [new BeginRequest("waits")], Cancel))[0].Outcome);
        await store.RecoverStalledAsync(Queue, 10, Cancel);
        await store.TrimAsync(Queue, Cancel);
        Assert.Equal(2, await store.CleanAsync(Queue, TimeSpan.FromMilliseconds(-1), TimeSpan.FromDays(1), Cancel));
        Assert.Equal(1, await store.CleanAsync(Queue, TimeSpan.FromDays(1), TimeSpan.FromMilliseconds(-1), Cancel));
        var metrics = (await store.GetMetricsAsync([Queue], Cancel))[0];
        Assert.Equal((5L, 1L, 4L), (metrics.Added, metrics.Active, metrics.Removed));
    }

    [Fact]
    public async Task A_service_starts_while_Redis_is_away_and_its_store_works_once_it_is_there()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await server.KillAsync();
        await using var connection = await ConnectAsync(server);
        var store = Store(connection);
        Assert.False(await store.IsAvailableAsync(Cancel));
        await server.RestartAsync();
        await UntilAsync(() => store.IsAvailableAsync(Cancel));
        await AddAsync(store, "a");
    }

    [Fact]
    public async Task A_cluster_serves_every_call_and_one_without_all_its_slots_is_unavailable()
    {
        await using var server = await RedisServer.StartLocalAsync(isCluster: true);
        await using var connection = await ConnectAsync(server);
        await UntilAsync(async () => (string?)await connection.GetServer(server.Host, server.Port).ExecuteAsync("CLUSTER", "INFO") is { } info
            && info.Contains("cluster_state:ok", StringComparison.Ordinal));
        var store = new RedisJobStore(connection, 0, _ => new QueueOptions());
        foreach (var queue in JobQueues.All.Select(queue => queue.Name))
        {
            var job = new NewJob { JobId = "a", Type = "x", Data = "{}"u8.ToArray() };
            await store.AddAsync(queue, [job, job with { JobId = "b", Delay = TimeSpan.FromMilliseconds(1) }, job with { JobId = "c", Error = new JobError("no") }], Cancel);
            await store.RequestEventsAsync(queue, ["a"], Cancel);
            var due = (await store.TakeDueAsync(queue, 10, Cancel)).Jobs.Single(job => job.JobId == "a");
            await store.ConfirmPublishedAsync(queue, [new JobClaim("a", due.Claim)], Cancel);
            var run = (await store.BeginAsync(queue, [new BeginRequest("a")], Cancel))[0].Run!;
            await store.ReportAsync(queue, [new RunReport(run.Key) { Logs = ["x"], Step = "s", StepResult = "1"u8.ToArray() }], Cancel);
            await store.FinishAsync(queue, [new RunEnd(run.Key, RunEndKind.Completed)], Cancel);
            await store.RetryAsync(queue, jobIds: null, Cancel);
            await store.RecoverStalledAsync(queue, 10, Cancel);
            await store.TrimAsync(queue, Cancel);
            Assert.Equal(3, (await store.ListAsync(queue, new JobQuery(), Cancel)).Jobs.Count);
            Assert.Equal(4, (await new RedisLaneInspector(connection, 0).GetOldestEventsAsync(queue, Cancel)).Count);
        }

        await connection.GetServer(server.Host, server.Port).ExecuteAsync("CLUSTER", "DELSLOTSRANGE", "0", "1");
        var exception = await Assert.ThrowsAsync<JobStoreUnavailableException>(() => UntilItThrowsAsync(() => store.GetAsync(Queue, "a", Cancel)));
        Assert.Contains("CLUSTERDOWN", exception.Message, StringComparison.Ordinal);
    }

    private static RedisJobStore Store(IConnectionMultiplexer connection) => new(connection, 1, _ => new QueueOptions());

    /// <summary>A connection as services make it.</summary>
    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer server)
    {
        var settings = new Dictionary<string, string?> { ["REDIS_HOST"] = server.Host, ["REDIS_PORT"] = $"{server.Port}" };
        var options = RedisJobStoreOptions.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).ToConfigurationOptions();
        options.AllowAdmin = true;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    private static Task<IReadOnlyList<AddResult>> AddAsync(RedisJobStore store, string id) =>
        store.AddAsync(Queue, [new NewJob { JobId = id, Type = "send-message", Data = "{}"u8.ToArray() }], Cancel);

    private static Task UntilItThrowsAsync(Func<Task> call) => UntilAsync(async () =>
    {
        await call();
        return false;
    });

    private static Task UntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(condition);
}
