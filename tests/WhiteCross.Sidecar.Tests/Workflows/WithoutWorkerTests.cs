using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Tests.Workflows;

/// <summary>What was seen on daprd while no worker is connected, and of an instance that is purged while somebody waits for it: the engine keeps quiet.</summary>
public sealed class WithoutWorkerTests : IAsyncDisposable
{
    // Long enough for an answer that comes at all, in the process and from memory.
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly List<IAsyncDisposable> _toDispose = [];

    public WithoutWorkerTests() => _limit.CancelAfter(TimeSpan.FromSeconds(60));

    private CancellationToken Limit => _limit.Token;

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_toDispose))
        {
            await one.DisposeAsync();
        }

        _limit.Dispose();
    }

    [Fact]
    public async Task Starting_a_workflow_waits_for_a_worker_and_nothing_is_stored_meanwhile()
    {
        var store = new InMemoryWorkflowStore();
        var engine = await StartAsync(store);
        var raw = Raw(engine);
        var request = new CreateInstanceRequest { Name = "Echo", InstanceId = "i", Input = "1" };
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.StartInstanceAsync(request, options)));
        Assert.Empty(await store.ListAsync(Limit));

        var starting = raw.StartInstanceAsync(request, cancellationToken: Limit).ResponseAsync;
        using var app = await EchoAsync(engine);
        Assert.Equal("i", (await starting).InstanceId);
        Assert.Equal(1, (await Client(app).WaitForWorkflowCompletionAsync("i", cancellation: Limit)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Whatever_is_asked_of_an_instance_waits_for_a_worker()
    {
        var engine = await StartAsync(new InMemoryWorkflowStore());
        var raw = Raw(engine);
        using (var app = await WaitingAsync(engine))
        {
            await Client(app).ScheduleNewWorkflowAsync("Waits", "w", null, (DateTimeOffset?)null, Limit);
            await app.StopAsync(Limit);
        }

        await UntilAsync(() => engine.Engine.ConnectedWorkers == 0);
        var instance = new GetInstanceRequest { InstanceId = "w" };
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.GetInstanceAsync(instance, options)));
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.WaitForInstanceStartAsync(instance, options)));
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.WaitForInstanceCompletionAsync(instance, options)));
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.SuspendInstanceAsync(new SuspendRequest { InstanceId = "w" }, options)));
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.ResumeInstanceAsync(new ResumeRequest { InstanceId = "w" }, options)));
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.TerminateInstanceAsync(new TerminateRequest { InstanceId = "w" }, options)));
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.PurgeInstancesAsync(new PurgeInstancesRequest { InstanceId = "w" }, options)));
        Assert.Equal(StatusCode.DeadlineExceeded, await SilentAsync(options => raw.RaiseEventAsync(new RaiseEventRequest { InstanceId = "w", Name = "go", Input = "1" }, options)));

        // What was given up has not happened: the instance is as it was, and goes on with the next worker.
        using var next = await WaitingAsync(engine);
        Assert.True((await Client(next).GetWorkflowStateAsync("w", cancellation: Limit)).IsWorkflowRunning);
        await Client(next).RaiseEventAsync("w", "go", 7, Limit);
        Assert.Equal(7, (await Client(next).WaitForWorkflowCompletionAsync("w", cancellation: Limit)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Waiting_for_an_instance_that_is_purged_meanwhile_goes_on_until_there_is_one_again()
    {
        var store = new PurgedStore(new InMemoryWorkflowStore());
        var engine = await StartAsync(store);
        using var app = await WaitingAsync(engine);
        await Client(app).ScheduleNewWorkflowAsync("Waits", "w", null, (DateTimeOffset?)null, Limit);

        // Asked of the engine itself, which says when it has looked: one who comes after the purge is told that there is none.
        var isSeen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = engine.Engine.UntilAsync("w", HasEnded, Limit);
        await isSeen.Task.WaitAsync(Limit);

        // Purged as soon as it has ended, before whoever waits has seen the end.
        store.IsPurged = true;
        await Client(app).RaiseEventAsync("w", "go", 3, Limit);
        await UntilAsync(() => store.Misses > 2);
        Assert.False(waiting.IsCompleted);

        store.IsPurged = false;
        Assert.Equal("3", (await waiting)?.Output);

        bool HasEnded(Dapr.Workflow.Protocol.WorkflowState state)
        {
            isSeen.TrySetResult();
            return state.WorkflowStatus == OrchestrationStatus.Completed;
        }
    }

    [Fact]
    public async Task Waiting_for_an_instance_that_never_was_is_answered()
    {
        var engine = await StartAsync(new InMemoryWorkflowStore());
        using var app = await EchoAsync(engine);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Client(app).WaitForWorkflowCompletionAsync("none", cancellation: Limit));
        Assert.False((await Client(app).GetWorkflowStateAsync("none", cancellation: Limit)).Exists);
        Assert.False(await Client(app).PurgeInstanceAsync("none", Limit));
    }

    [Fact]
    public async Task Ids_are_listed_page_by_page_and_without_a_worker_too()
    {
        var engine = await StartAsync(new InMemoryWorkflowStore());
        using (var app = await EchoAsync(engine))
        {
            foreach (var id in new[] { "a", "b", "c", "d", "e" })
            {
                await Client(app).ScheduleNewWorkflowAsync("Echo", id, 1, (DateTimeOffset?)null, Limit);
                await Client(app).WaitForWorkflowCompletionAsync(id, cancellation: Limit);
            }

            await app.StopAsync(Limit);
        }

        var raw = Raw(engine);
        var ids = new List<string>();
        ListInstanceIDsResponse page;
        var request = new ListInstanceIDsRequest { PageSize = 2 };
        do
        {
            page = await raw.ListInstanceIDsAsync(request, cancellationToken: Limit);
            Assert.InRange(page.InstanceIds.Count, 1, 2);
            ids.AddRange(page.InstanceIds);
            request.ContinuationToken = page.ContinuationToken;
        }
        while (page.HasContinuationToken);

        Assert.Equal(["a", "b", "c", "d", "e"], ids);
        Assert.Contains((await raw.GetInstanceHistoryAsync(new GetInstanceHistoryRequest { InstanceId = "a" }, cancellationToken: Limit)).Events, e => e.ExecutionCompleted is not null);
    }

    private static DaprWorkflowClient Client(IHost app) => app.Services.GetRequiredService<DaprWorkflowClient>();

    private static Task<IHost> EchoAsync(EngineHost engine) => engine.StartAppAsync(options => options.RegisterWorkflow<int, int>("Echo", (_, n) => Task.FromResult(n)));

    private static Task<IHost> WaitingAsync(EngineHost engine) =>
        engine.StartAppAsync(options => options.RegisterWorkflow<object?, int>("Waits", (context, _) => context.WaitForExternalEventAsync<int>("go")));

    private static async Task<StatusCode> SilentAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call)
    {
#pragma warning disable RS0030 // The deadline of a gRPC call is a time of day.
        var exception = await Assert.ThrowsAsync<RpcException>(() => call(new CallOptions(deadline: DateTime.UtcNow + Silence)).ResponseAsync);
#pragma warning restore RS0030
        return exception.StatusCode;
    }

    private async Task UntilAsync(Func<bool> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!isSo())
        {
            await timer.WaitForNextTickAsync(Limit);
        }
    }

    private async Task<EngineHost> StartAsync(IWorkflowStore store)
    {
        var engine = await EngineHost.StartAsync(store);
        _toDispose.Add(engine);
        return engine;
    }

    private TaskHubSidecarService.TaskHubSidecarServiceClient Raw(EngineHost engine)
    {
        var channel = GrpcChannel.ForAddress(engine.Grpc);
        _toDispose.Add(new ToDispose(channel));
        return new TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
    }

    private sealed class PurgedStore(IWorkflowStore store) : IWorkflowStore
    {
        private int _misses;

        public bool IsPurged { get; set; }

        public int Misses => Volatile.Read(ref _misses);

        public Task<StoredInstance?> LoadAsync(string instanceId, CancellationToken cancellationToken)
        {
            if (!IsPurged)
            {
                return store.LoadAsync(instanceId, cancellationToken);
            }

            Interlocked.Increment(ref _misses);
            return Task.FromResult<StoredInstance?>(null);
        }

        public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

        public Task<IReadOnlyList<string>> ListLiveAsync(CancellationToken cancellationToken) => store.ListLiveAsync(cancellationToken);

        public Task<bool> ApplyAsync(IReadOnlyList<InstanceChange> changes, CancellationToken cancellationToken) => store.ApplyAsync(changes, cancellationToken);
    }

    private sealed record ToDispose(IDisposable One) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            One.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
