using Dapr.Workflow;
using Dapr.Workflow.Client;
using Dapr.Workflow.Registration;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace WhiteCross.Dapr.Workflow.Tests.Worker;

public sealed class ClientTests
{
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public ClientTests() => _limit.CancelAfter(TimeSpan.FromSeconds(20));

    private CancellationToken Limit => _limit.Token;

    [Fact]
    public async Task An_instance_is_started_suspended_resumed_and_told()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await StartWaitingAppAsync(sidecar);
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        var id = await client.ScheduleNewWorkflowAsync("Waits", null, "in", (DateTimeOffset?)null, Limit);
        Assert.True(Guid.TryParse(id, out _));
        Assert.True((await client.WaitForWorkflowStartAsync(id, cancellation: Limit)).IsWorkflowRunning);

        await client.SuspendWorkflowAsync(id, "lunch", Limit);
        await client.RaiseEventAsync(id, "go", 5, Limit);
        var suspended = await client.GetWorkflowStateAsync(id, getInputsAndOutputs: false, Limit);
        Assert.Equal(WorkflowRuntimeStatus.Suspended, suspended.RuntimeStatus);
        Assert.Null(suspended.ReadInputAs<string>());

        await client.ResumeWorkflowAsync(id, cancellation: Limit);
        var ended = await client.WaitForWorkflowCompletionAsync(id, cancellation: Limit);
        Assert.Equal(("in", 5, "Waits"), (ended.ReadInputAs<string>(), ended.ReadOutputAs<int>(), ended.WorkflowName));
        Assert.True(ended.LastUpdatedAt >= ended.CreatedAt);

        var history = await client.GetInstanceHistoryAsync(id, Limit);
        Assert.Equal(
            [WorkflowHistoryEventType.OrchestratorStarted, WorkflowHistoryEventType.ExecutionStarted, WorkflowHistoryEventType.OrchestratorStarted],
            history.Take(3).Select(e => e.EventType));
        Assert.Equal(WorkflowHistoryEventType.ExecutionCompleted, history[^1].EventType);
    }

    [Fact]
    public async Task An_instance_is_terminated_and_purged()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await StartWaitingAppAsync(sidecar);
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        var id = await client.ScheduleNewWorkflowAsync("Waits", null, null, (DateTimeOffset?)null, Limit);

        await client.TerminateWorkflowAsync(id, new { why = "enough" }, Limit);
        var state = await client.GetWorkflowStateAsync(id, cancellation: Limit);
        Assert.Equal(WorkflowRuntimeStatus.Terminated, state.RuntimeStatus);
        Assert.Equal("enough", state.ReadOutputAs<Dictionary<string, string>>()!["why"]);

        Assert.True(await client.PurgeInstanceAsync(id, Limit));
        Assert.False(await client.PurgeInstanceAsync(id, Limit));
        Assert.False((await client.GetWorkflowStateAsync(id, cancellation: Limit)).Exists);
    }

    [Fact]
    public async Task An_unknown_instance_does_not_exist_and_cannot_be_waited_for()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await StartWaitingAppAsync(sidecar);
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        var state = await client.GetWorkflowStateAsync("unknown", cancellation: Limit);
        Assert.False(state.Exists || state.IsWorkflowCompleted || state.IsWorkflowRunning);
        Assert.Equal(WorkflowRuntimeStatus.Unknown, state.RuntimeStatus);
        Assert.Null(state.WorkflowName);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => client.WaitForWorkflowCompletionAsync("unknown", cancellation: Limit));
        Assert.Contains("'unknown'", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_active_instance_cannot_be_started_again()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await StartWaitingAppAsync(sidecar);
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("Waits", "same", null, (DateTimeOffset?)null, Limit);
        var thrown = await Assert.ThrowsAsync<RpcException>(() => client.ScheduleNewWorkflowAsync("Waits", "same", null, (DateTimeOffset?)null, Limit));
        Assert.Equal(StatusCode.AlreadyExists, thrown.StatusCode);
    }

    [Fact]
    public async Task Ids_are_listed_by_pages()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await StartWaitingAppAsync(sidecar);
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        foreach (var id in new[] { "a", "b", "c" })
        {
            await client.ScheduleNewWorkflowAsync("Waits", id, null, (DateTimeOffset?)null, Limit);
        }

        var first = await client.ListInstanceIdsAsync(pageSize: 2, cancellation: Limit);
        var second = await client.ListInstanceIdsAsync(first.ContinuationToken, 2, Limit);
        Assert.Equal(["a", "b"], first.InstanceIds);
        Assert.Equal(["c"], second.InstanceIds);
        Assert.Null(second.ContinuationToken);
    }

    [Fact]
    public async Task A_durable_timer_fires_when_the_sidecars_clock_says_so()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var sidecar = await SidecarHost.StartAsync(time: time);
        using var app = await sidecar.StartAppAsync(options => options.RegisterWorkflow<object?, DateTime>("Sleeps", async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromHours(2));
            return context.CurrentUtcDateTime;
        }));
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("Sleeps", "s", null, (DateTimeOffset?)null, Limit);

        time.Advance(TimeSpan.FromMinutes(119));
        Assert.True((await client.GetWorkflowStateAsync("s", cancellation: Limit)).IsWorkflowRunning);
        time.Advance(TimeSpan.FromMinutes(1));
        var state = await client.WaitForWorkflowCompletionAsync("s", cancellation: Limit);
        Assert.Equal(new DateTime(2026, 1, 2, 5, 4, 5, DateTimeKind.Utc), state.ReadOutputAs<DateTime>());
    }

    [Fact]
    public async Task A_client_can_be_built_without_dependency_injection()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await StartWaitingAppAsync(sidecar);
        var builder = new DaprWorkflowClientBuilder();
        builder.UseGrpcEndpoint(sidecar.Address.ToString());
        await using var client = builder.Build();
        await client.ScheduleNewWorkflowAsync("Waits", "w", null, (DateTimeOffset?)null, Limit);
        Assert.True((await client.GetWorkflowStateAsync("w", cancellation: Limit)).Exists);
    }

    private static Task<IHost> StartWaitingAppAsync(SidecarHost sidecar) => sidecar.StartAppAsync(options =>
        options.RegisterWorkflow<string?, int>("Waits", (context, _) => context.WaitForExternalEventAsync<int>("go")));
}
