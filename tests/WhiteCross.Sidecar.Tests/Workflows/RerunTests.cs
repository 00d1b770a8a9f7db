using System.Collections.Concurrent;
using Dapr.Workflow;
using Dapr.Workflow.Client;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Tests.Workflows;

/// <summary>An instance that has ended is run again from one of its events, by the official client, as daprd does it.</summary>
public sealed class RerunTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ConcurrentQueue<string> _ran = new();
    private readonly InMemoryWorkflowStore _store = new();
    private EngineHost? _engine;
    private IHost? _app;

    public RerunTests() => _limit.CancelAfter(TimeSpan.FromSeconds(60));

    private CancellationToken Limit => _limit.Token;

    private DaprWorkflowClient Client => _app!.Services.GetRequiredService<DaprWorkflowClient>();

    public async ValueTask DisposeAsync()
    {
        _app?.Dispose();
        await (_engine?.DisposeAsync() ?? ValueTask.CompletedTask);
        _limit.Dispose();
    }

    [Theory]
    [InlineData(false, "ab")]
    [InlineData(true, "ax")]
    public async Task From_an_activity_what_came_before_is_history_and_the_rest_happens_again(bool overwrites, string expected)
    {
        await StartAsync();
        await RunAsync("Steps", "source");
        Assert.Equal(["a", "b"], _ran);
        _ran.Clear();

        var options = overwrites ? new RerunWorkflowFromEventOptions { NewInstanceId = "again", Input = "x", OverwriteInput = true } : new RerunWorkflowFromEventOptions { NewInstanceId = "again" };
        Assert.Equal("again", await Client.RerunWorkflowFromEventAsync("source", 1, options, Limit));

        var end = await Client.WaitForWorkflowCompletionAsync("again", cancellation: Limit);
        Assert.Equal((WorkflowRuntimeStatus.Completed, expected), (end.RuntimeStatus, end.ReadOutputAs<string>()));
        Assert.Equal([expected[1..]], _ran);
        var scheduled = (await _engine!.Engine.GetHistoryAsync("again", Limit)).Where(e => e.TaskScheduled is not null).ToList();
        Assert.Null(scheduled[0].TaskScheduled.RerunParentInstanceInfo);
        Assert.Equal("source", scheduled[1].TaskScheduled.RerunParentInstanceInfo.InstanceID);
        Assert.Equal("ab", (await Client.GetWorkflowStateAsync("source", cancellation: Limit)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task What_had_begun_and_not_ended_happens_again_too()
    {
        var third = new TaskCompletionSource();
        await StartAsync(options =>
        {
            options.RegisterWorkflow<object?, string>("Overlaps", async (context, _) =>
            {
                var slow = context.CallActivityAsync<string>("Slow");
                await context.CallActivityAsync<string>("Says", "quick");
                await context.CallActivityAsync<string>("Third");
                return await slow;
            });
            options.RegisterActivity<object?, string>("Slow", async (_, _) =>
            {
                _ran.Enqueue("slow");
                await third.Task;
                return "done";
            });
            options.RegisterActivity<object?, string>("Third", (_, _) =>
            {
                _ran.Enqueue("third");
                third.TrySetResult();
                return Task.FromResult("third");
            });
        });
        await RunAsync("Overlaps", "source");
        _ran.Clear();

        var again = await Client.RerunWorkflowFromEventAsync("source", 2, cancellation: Limit);

        Assert.Equal("done", (await Client.WaitForWorkflowCompletionAsync(again, cancellation: Limit)).ReadOutputAs<string>());
        Assert.Equal(["slow", "third"], _ran.Order());
    }

    [Fact]
    public async Task From_a_timer_and_from_a_child_workflow()
    {
        await StartAsync();
        await RunAsync("Family", "source");
        _ran.Clear();

        await Client.RerunWorkflowFromEventAsync("source", 0, new RerunWorkflowFromEventOptions { NewInstanceId = "from-timer" }, Limit);
        await Client.WaitForWorkflowCompletionAsync("from-timer", cancellation: Limit);
        await Client.RerunWorkflowFromEventAsync("source", 1, new RerunWorkflowFromEventOptions { NewInstanceId = "from-child", Input = "z", OverwriteInput = true }, Limit);
        var end = await Client.WaitForWorkflowCompletionAsync("from-child", cancellation: Limit);

        Assert.Equal("z", end.ReadOutputAs<string>());
        Assert.Equal(["child", "z"], _ran);
        Assert.Equal(
            ["child-of-from-timer", "child-of-source", "from-child", "from-child:0001", "from-timer", "source"],
            (await Client.ListInstanceIdsAsync(cancellation: Limit)).InstanceIds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_rerun_outlives_the_sidecar()
    {
        var go = new TaskCompletionSource();
        await StartAsync(options =>
        {
            options.RegisterWorkflow<object?, string>("Waits", async (context, _) => await context.CallActivityAsync<string>("Gate"));
            options.RegisterActivity<object?, string>("Gate", async (_, _) =>
            {
                _ran.Enqueue("gate");
                await go.Task;
                return "done";
            });
        });
        go.SetResult();
        await RunAsync("Waits", "source");
        go = new TaskCompletionSource();
        await Client.RerunWorkflowFromEventAsync("source", 0, new RerunWorkflowFromEventOptions { NewInstanceId = "again" }, Limit);
        await _engine!.DisposeAsync();
        _engine = await EngineHost.StartAsync(_store, grpcPort: _engine.Grpc.Port);

        go.SetResult();

        Assert.Equal("done", (await Client.WaitForWorkflowCompletionAsync("again", cancellation: Limit)).ReadOutputAs<string>());
    }

    [Theory]
    [InlineData("none", 0, "again", false, StatusCode.NotFound, "does not exist")]
    [InlineData("running", 0, "again", false, StatusCode.InvalidArgument, "not in a terminal state")]
    [InlineData("source", 7, "again", false, StatusCode.NotFound, "does not have history event")]
    [InlineData("source", uint.MaxValue, "again", false, StatusCode.NotFound, "not an event that can be rerun")]
    [InlineData("source", 0, "again", true, StatusCode.InvalidArgument, "cannot write input to timer event")]
    [InlineData("source", 1, "running", false, StatusCode.AlreadyExists, "already been created")]
    [InlineData("source", 1, "child-of-source", false, StatusCode.AlreadyExists, "already been created")]
    [InlineData("source", 1, "source", false, StatusCode.InvalidArgument, "must be different")]
    public async Task What_cannot_be_rerun_is_refused(string source, uint eventId, string newId, bool overwrites, StatusCode status, string says)
    {
        await StartAsync(options => options.RegisterWorkflow<object?, int>("Runs", (context, _) => context.WaitForExternalEventAsync<int>("go")));
        await RunAsync("Family", "source");
        await Client.ScheduleNewWorkflowAsync("Runs", "running", null, (DateTimeOffset?)null, Limit);

        var options = new RerunWorkflowFromEventOptions { NewInstanceId = newId, Input = overwrites ? "x" : null, OverwriteInput = overwrites };
        var refused = await Assert.ThrowsAsync<RpcException>(() => Client.RerunWorkflowFromEventAsync(source, eventId, options, Limit));

        Assert.Equal(status, refused.StatusCode);
        Assert.Contains(says, refused.Status.Detail, StringComparison.Ordinal);
    }

    private async Task StartAsync(Action<WorkflowRuntimeOptions>? configure = null)
    {
        _engine = await EngineHost.StartAsync(_store);
        _app = await _engine.StartAppAsync(options =>
        {
            options.RegisterWorkflow<object?, string>("Steps", async (context, _) =>
                await context.CallActivityAsync<string>("Says", "a") + await context.CallActivityAsync<string>("Says", "b"));
            options.RegisterWorkflow<object?, string>("Family", async (context, _) =>
            {
                await context.CreateTimer(TimeSpan.FromMilliseconds(10));
                return await context.CallChildWorkflowAsync<string>("Child", "child", new ChildWorkflowTaskOptions($"child-of-{context.InstanceId}"));
            });
            options.RegisterWorkflow<string, string>("Child", (context, what) => context.CallActivityAsync<string>("Says", what));
            options.RegisterActivity<string, string>("Says", (_, what) =>
            {
                _ran.Enqueue(what);
                return Task.FromResult(what);
            });
            configure?.Invoke(options);
        });
    }

    private async Task RunAsync(string workflow, string id)
    {
        await Client.ScheduleNewWorkflowAsync(workflow, id, null, (DateTimeOffset?)null, Limit);
        Assert.Equal(WorkflowRuntimeStatus.Completed, (await Client.WaitForWorkflowCompletionAsync(id, cancellation: Limit)).RuntimeStatus);
    }
}
