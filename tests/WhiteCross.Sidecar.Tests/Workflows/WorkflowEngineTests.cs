using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapr.Workflow;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Sidecar.Workflows;
using WhiteCross.Sidecar.Workflows.Storage;
using WhiteCross.Testing;

namespace WhiteCross.Sidecar.Tests.Workflows;

/// <summary>What the workflow engine does, over whatever store.</summary>
public abstract class WorkflowEngineTests
{
    private static readonly WorkflowTaskOptions Retrying = new(new WorkflowRetryPolicy(20, TimeSpan.FromMilliseconds(10)));

    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    protected WorkflowEngineTests() => _limit.CancelAfter(TimeSpan.FromSeconds(180));

    private CancellationToken Limit => _limit.Token;

    [Fact]
    public async Task A_workflow_runs_activities_children_timers_and_events_to_its_end()
    {
        await using var engine = await EngineHost.StartAsync(await NewStoreAsync());
        var attempts = 0;
        using var app = await engine.StartAppAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Main", async (context, n) =>
            {
                context.SetCustomStatus("sums up");
                var squares = await context.ProcessInParallelAsync(Enumerable.Range(1, n), i => context.CallActivityAsync<int>("Square", i));
                await context.CallActivityAsync("Flaky", null, Retrying);
                await context.CreateTimer(TimeSpan.FromMilliseconds(20));
                var child = await context.CallChildWorkflowAsync<int>("Counts", 0);
                context.SendEvent("listener", "sum", squares.Sum());
                return squares.Sum() + child + await context.WaitForExternalEventAsync<int>("more");
            });
            options.RegisterWorkflow<int, int>("Counts", async (context, n) =>
            {
                await context.CallActivityAsync<int>("Square", n);
                if (n < 5)
                {
                    context.ContinueAsNew(n + 1);
                }

                return n;
            });
            options.RegisterWorkflow<object?, int>("Listens", (context, _) => context.WaitForExternalEventAsync<int>("SUM"));
            options.RegisterActivity<int, int>("Square", (_, i) => Task.FromResult(i * i));
            options.RegisterActivity<object?, int>("Flaky", (_, _) =>
                Interlocked.Increment(ref attempts) < 3 ? throw new InvalidOperationException("not yet") : Task.FromResult(1));
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        await client.ScheduleNewWorkflowAsync("Listens", "listener", null, (DateTimeOffset?)null, Limit);
        await client.ScheduleNewWorkflowAsync("Main", "main", 10, (DateTimeOffset?)null, Limit);
        await client.RaiseEventAsync("main", "More", 1000, Limit);
        var state = await client.WaitForWorkflowCompletionAsync("main", cancellation: Limit);

        Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
        Assert.Equal(1390, state.ReadOutputAs<int>());
        Assert.Equal("sums up", state.ReadCustomStatusAs<string>());
        Assert.Equal(385, (await client.WaitForWorkflowCompletionAsync("listener", cancellation: Limit)).ReadOutputAs<int>());
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Restarts_of_the_sidecar_at_any_moment_lose_nothing()
    {
        const int Chunks = 60;
        var store = await NewStoreAsync();
        var engine = await EngineHost.StartAsync(store);
        var port = engine.Grpc.Port;
        var sent = new ConcurrentDictionary<int, int>();
        var progress = new SemaphoreSlim(0);
        using var app = await engine.StartAppAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Chunks", async (context, from) =>
            {
                for (var i = from; i < from + 10; i++)
                {
                    await context.CallActivityAsync<int>("Send", i);
                    await context.CreateTimer(TimeSpan.FromMilliseconds(1));
                }

                if (from + 10 < Chunks)
                {
                    context.ContinueAsNew(from + 10);
                }

                return from + 10;
            });
            options.RegisterActivity<int, int>("Send", (_, i) =>
            {
                sent.AddOrUpdate(i, 1, (_, n) => n + 1);
                progress.Release();
                return Task.FromResult(i);
            });
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("Chunks", "c", 0, (DateTimeOffset?)null, Limit);
        var completion = client.WaitForWorkflowCompletionAsync("c", cancellation: Limit);

        // The worker comes back five seconds after each.
        for (var restart = 0; restart < 3; restart++)
        {
            for (var n = 0; n < 7; n++)
            {
                await progress.WaitAsync(Limit);
            }

            await engine.DisposeAsync();
            engine = await EngineHost.StartAsync(store, grpcPort: port);
        }

        await using (engine)
        {
            Assert.Equal(Chunks, (await completion).ReadOutputAs<int>());
        }

        Assert.Equal(Enumerable.Range(0, Chunks), sent.Keys.Order());
    }

    [Fact]
    public async Task A_store_that_fails_now_and_then_before_or_after_it_has_written_loses_nothing()
    {
        // Few: after an answer that it did not get, the official worker is away for five seconds.
        const int Instances = 2;
        const int Activities = 3;
        var store = new FlakyStore(await NewStoreAsync(), new Random(7));
        var fails = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = await EngineHost.StartAsync(store);
        using var app = await engine.StartAppAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Parent", async (context, n) =>
            {
                var sum = 0;
                for (var i = 0; i < Activities; i++)
                {
                    sum += await context.CallActivityAsync<int>("A", n + i);
                    await context.CreateTimer(TimeSpan.FromMilliseconds(1));
                }

                return sum + await context.CallChildWorkflowAsync<int>("Child", n);
            });
            options.RegisterWorkflow<int, int>("Child", async (context, n) => await context.CallActivityAsync<int>("A", n * 100));
            options.RegisterActivity<int, int>("A", async (_, i) =>
            {
                await fails.Task;
                return i;
            });
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        for (var n = 0; n < Instances; n++)
        {
            await client.ScheduleNewWorkflowAsync("Parent", $"p{n}", n, (DateTimeOffset?)null, Limit);
        }

        store.FailsOneIn = 6;
        fails.SetResult();
        for (var n = 0; n < Instances; n++)
        {
            var state = await client.WaitForWorkflowCompletionAsync($"p{n}", cancellation: Limit);
            Assert.Equal((WorkflowRuntimeStatus.Completed, (Activities * n) + 3 + (100 * n)), (state.RuntimeStatus, state.ReadOutputAs<int>()));
        }

        Assert.True(store.Failures > 1, $"Only {store.Failures} failures.");
    }

    [Fact]
    public async Task Another_worker_takes_over_when_one_dies()
    {
        await using var engine = await EngineHost.StartAsync(await NewStoreAsync());
        var stuck = new TaskCompletionSource();
        var begun = new SemaphoreSlim(0);
        var first = await engine.StartAppAsync(options => Register(options, () => stuck.Task));
        var client = first.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        await begun.WaitAsync(Limit);

        // Gone without waiting for the activity that hangs.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await first.StopAsync(now.Token);
        first.Dispose();
        using var second = await engine.StartAppAsync(options => Register(options, () => Task.CompletedTask));
        var state = await second.Services.GetRequiredService<DaprWorkflowClient>().WaitForWorkflowCompletionAsync("w", cancellation: Limit);

        Assert.Equal("done", state.ReadOutputAs<string>());
        stuck.SetResult();

        void Register(WorkflowRuntimeOptions options, Func<Task> work)
        {
            options.RegisterWorkflow<object?, string>("W", (context, _) => context.CallActivityAsync<string>("A"));
            options.RegisterActivity<object?, string>("A", async (_, _) =>
            {
                begun.Release();
                await work();
                return "done";
            });
        }
    }

    [Fact]
    public async Task Suspension_termination_and_purge_reach_the_children()
    {
        var store = await NewStoreAsync();
        await using var engine = await EngineHost.StartAsync(store);
        using var app = await engine.StartAppAsync(options =>
        {
            options.RegisterWorkflow<object?, int>("Parent", (context, _) =>
                context.CallChildWorkflowAsync<int>("Child", options: new ChildWorkflowTaskOptions("child")));
            options.RegisterWorkflow<object?, int>("Child", (context, _) => context.WaitForExternalEventAsync<int>("go"));
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("Parent", "parent", null, (DateTimeOffset?)null, Limit);
        var again = await Assert.ThrowsAsync<RpcException>(() =>
            client.ScheduleNewWorkflowAsync("Parent", "parent", null, (DateTimeOffset?)null, Limit));
        Assert.Equal(StatusCode.AlreadyExists, again.StatusCode);

        await client.SuspendWorkflowAsync("parent", cancellation: Limit);
        Assert.Equal(WorkflowRuntimeStatus.Suspended, (await client.GetWorkflowStateAsync("parent", cancellation: Limit)).RuntimeStatus);
        await client.ResumeWorkflowAsync("parent", cancellation: Limit);
        Assert.True((await client.GetWorkflowStateAsync("parent", cancellation: Limit)).IsWorkflowRunning);
        var early = await Assert.ThrowsAsync<RpcException>(() => client.PurgeInstanceAsync("parent", Limit));
        Assert.Equal(StatusCode.FailedPrecondition, early.StatusCode);

        await client.TerminateWorkflowAsync("parent", "enough", Limit);
        Assert.Equal("enough", (await client.GetWorkflowStateAsync("parent", cancellation: Limit)).ReadOutputAs<string>());
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await client.WaitForWorkflowCompletionAsync("child", cancellation: Limit)).RuntimeStatus);

        Assert.True(await client.PurgeInstanceAsync("parent", Limit));
        Assert.Empty(await store.ListAsync(Limit));
        Assert.False((await client.GetWorkflowStateAsync("child", cancellation: Limit)).Exists);
    }

    [Fact]
    public async Task An_instance_that_has_ended_gives_way_to_a_new_one_of_the_same_id()
    {
        await using var engine = await EngineHost.StartAsync(await NewStoreAsync());
        using var app = await engine.StartAppAsync(options => options.RegisterWorkflow<int, int>("Echo", (_, n) => Task.FromResult(n)));
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        foreach (var n in new[] { 1, 2 })
        {
            await client.ScheduleNewWorkflowAsync("Echo", "same", n, (DateTimeOffset?)null, Limit);
            Assert.Equal(n, (await client.WaitForWorkflowCompletionAsync("same", cancellation: Limit)).ReadOutputAs<int>());
            Assert.Equal(3, (await engine.Engine.GetAsync("same", Limit) is not null ? await HistoryLengthAsync(client) : 0));
        }

        async Task<int> HistoryLengthAsync(DaprWorkflowClient c) => (await c.GetInstanceHistoryAsync("same", Limit)).Count;
    }

    [Fact]
    public async Task Timers_and_later_starts_survive_a_restart()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var store = await NewStoreAsync();
        var engine = await EngineHost.StartAsync(store, time: time);
        var port = engine.Grpc.Port;
        using var app = await engine.StartAppAsync(options => options.RegisterWorkflow<object?, DateTime>("Sleeps", async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromDays(60));
            return context.CurrentUtcDateTime;
        }));
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("Sleeps", "later", null, time.GetUtcNow().AddHours(1), Limit);
        Assert.Equal(WorkflowRuntimeStatus.Pending, (await client.GetWorkflowStateAsync("later", cancellation: Limit)).RuntimeStatus);

        await engine.DisposeAsync();
        await using var second = await EngineHost.StartAsync(store, time: time, grpcPort: port);
        time.Advance(TimeSpan.FromHours(1));
        await client.WaitForWorkflowStartAsync("later", cancellation: Limit);
        for (var day = 0; day < 60; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
        }

        var state = await client.WaitForWorkflowCompletionAsync("later", cancellation: Limit);
        Assert.Equal(new DateTime(2026, 3, 3, 4, 4, 5, DateTimeKind.Utc), state.ReadOutputAs<DateTime>());
    }

    [Fact]
    public async Task A_turn_that_does_not_fit_a_message_stalls_its_instance_until_the_limit_is_raised()
    {
        var store = await NewStoreAsync();
        var engine = await EngineHost.StartAsync(store, new WorkflowEngineOptions { MaxMessageSize = 200_000 });
        var port = engine.Grpc.Port;
        using var app = await engine.StartAppAsync(options =>
        {
            options.RegisterWorkflow<object?, int>("Big", async (context, _) =>
            {
                var length = 0;
                for (var i = 0; i < 3; i++)
                {
                    length += (await context.CallActivityAsync<string>("Text")).Length;
                }

                return length;
            });
            options.RegisterActivity<object?, string>("Text", (_, _) => Task.FromResult(new string('x', 80_000)));
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("Big", "big", null, (DateTimeOffset?)null, Limit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await client.GetWorkflowStateAsync("big", cancellation: Limit)).RuntimeStatus != WorkflowRuntimeStatus.Stalled)
        {
            await poll.WaitForNextTickAsync(Limit);
        }

        await engine.DisposeAsync();
        await using var second = await EngineHost.StartAsync(store, grpcPort: port);
        Assert.Equal(240_000, (await client.WaitForWorkflowCompletionAsync("big", cancellation: Limit)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Limits_hold_for_turns_and_activities_that_are_out()
    {
        await using var engine = await EngineHost.StartAsync(
            await NewStoreAsync(), new WorkflowEngineOptions { MaxConcurrentActivityInvocations = 2, MaxConcurrentWorkflowInvocations = 1 });
        var running = 0;
        var most = new ConcurrentBag<int>();
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var app = await engine.StartAppAsync(options =>
        {
            options.RegisterWorkflow<object?, int>("W", async (context, _) =>
                (await Task.WhenAll(Enumerable.Range(0, 8).Select(i => context.CallActivityAsync<int>("A", i)))).Length);
            options.RegisterActivity<int, int>("A", async (_, i) =>
            {
                var now = Interlocked.Increment(ref running);
                most.Add(now);
                if (now == 2)
                {
                    both.TrySetResult();
                }

                await both.Task;
                Interlocked.Decrement(ref running);
                return i;
            });
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        Assert.Equal(8, (await client.WaitForWorkflowCompletionAsync("w", cancellation: Limit)).ReadOutputAs<int>());
        Assert.Equal(2, most.Max());
    }

    [Fact]
    public async Task The_management_API_answers_as_daprd_does()
    {
        await using var engine = await EngineHost.StartAsync(await NewStoreAsync());
        using var app = await engine.StartAppAsync(options => options.RegisterWorkflow<string?, string>("Waits", async (context, input) =>
        {
            context.SetCustomStatus("half");
            return input + await context.WaitForExternalEventAsync<string>("go");
        }));
        using var http = new HttpClient { BaseAddress = new Uri(engine.Http, "/v1.0/workflows/dapr/") };

        var started = await http.PostAsJsonAsync("Waits/start?instanceID=h-1", "in-", Limit);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        Assert.Equal("""{"instanceID":"h-1"}""", await started.Content.ReadAsStringAsync(Limit));
        var running = await http.GetFromJsonAsync<JsonElement>("h-1", Limit);
        Assert.Equal(("h-1", "Waits", "RUNNING"), (
            running.GetProperty("instanceID").GetString(), running.GetProperty("workflowName").GetString(), running.GetProperty("runtimeStatus").GetString()));
        Assert.Equal("\"in-\"", running.GetProperty("properties").GetProperty("dapr.workflow.input").GetString());
        Assert.Equal("\"half\"", running.GetProperty("properties").GetProperty("dapr.workflow.custom_status").GetString());

        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsync("h-1/pause", null, Limit)).StatusCode);
        Assert.Equal("SUSPENDED", (await http.GetFromJsonAsync<JsonElement>("h-1", Limit)).GetProperty("runtimeStatus").GetString());
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsync("h-1/resume", null, Limit)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsJsonAsync("h-1/raiseEvent/go", "out", Limit)).StatusCode);
        await app.Services.GetRequiredService<DaprWorkflowClient>().WaitForWorkflowCompletionAsync("h-1", cancellation: Limit);
        var ended = await http.GetFromJsonAsync<JsonElement>("h-1", Limit);
        Assert.Equal("\"in-out\"", ended.GetProperty("properties").GetProperty("dapr.workflow.output").GetString());
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsync("h-1/purge", null, Limit)).StatusCode);

        await AssertErrorAsync(await http.GetAsync("h-1", Limit), HttpStatusCode.NotFound, "ERR_INSTANCE_ID_NOT_FOUND");
        await AssertErrorAsync(await http.PostAsync("h-1/terminate", null, Limit), HttpStatusCode.NotFound, "ERR_INSTANCE_ID_NOT_FOUND");
        await AssertErrorAsync(await http.PostAsync("h-1/purge", null, Limit), HttpStatusCode.NotFound, "ERR_INSTANCE_ID_NOT_FOUND");
        await AssertErrorAsync(
            await http.PostAsync($"Waits/start?instanceID={new string('x', 65)}", null, Limit), HttpStatusCode.BadRequest, "ERR_INSTANCE_ID_TOO_LONG");
        await AssertErrorAsync(await http.PostAsync("Waits/start?instanceID=a%20b", null, Limit), HttpStatusCode.BadRequest, "ERR_INSTANCE_ID_INVALID");
    }

    [Fact]
    public async Task A_change_at_another_version_changes_nothing()
    {
        var store = await NewStoreAsync();
        Assert.True(await store.ApplyAsync([new InstanceChange("a", 0) { State = [1], History = [[1], [2]], Inbox = [[3], [4]] }], Limit));
        Assert.False(await store.ApplyAsync([new InstanceChange("b", 0) { State = [1] }, new InstanceChange("a", 0) { State = [2] }], Limit));
        Assert.Equal(["a"], await store.ListAsync(Limit));
        Assert.True(await store.ApplyAsync([new InstanceChange("a", 1) { State = [2], History = [[5]], TakesFromInbox = 1, Inbox = [[6]] }], Limit));

        var stored = (await store.LoadAsync("a", Limit))!;
        Assert.Equal((2, 2), ((int)stored.Version, stored.State[0]));
        Assert.Equal([1, 2, 5], stored.History.Select(e => (int)e[0]));
        Assert.Equal([4, 6], stored.Inbox.Select(e => (int)e[0]));

        Assert.True(await store.ApplyAsync([new InstanceChange("a", 2) { State = [3], ClearsHistory = true, ClearsInbox = true, IsOver = true }], Limit));
        Assert.Empty(await store.ListLiveAsync(Limit));
        stored = (await store.LoadAsync("a", Limit))!;
        Assert.Empty(stored.History.Concat(stored.Inbox));
        Assert.True(await store.ApplyAsync([new InstanceChange("a", 3) { Deletes = true }], Limit));
        Assert.Null(await store.LoadAsync("a", Limit));
    }

    protected abstract Task<IWorkflowStore> NewStoreAsync();

    private async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string errorCode)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(errorCode, (await response.Content.ReadFromJsonAsync<JsonElement>(Limit)).GetProperty("errorCode").GetString());
    }
}

public sealed class WorkflowEngineInMemoryTests : WorkflowEngineTests
{
    protected override Task<IWorkflowStore> NewStoreAsync() => Task.FromResult<IWorkflowStore>(new InMemoryWorkflowStore());
}

public sealed class WorkflowEngineOnRedisTests(RedisServer redis) : WorkflowEngineTests, IClassFixture<RedisServer>, IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _connections = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    protected override async Task<IWorkflowStore> NewStoreAsync()
    {
        var connection = await redis.ConnectAsync();
        _connections.Add(connection);
        return new RedisWorkflowStore(connection, RedisServer.NewName("app"));
    }
}
