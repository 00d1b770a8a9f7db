using System.Collections.Concurrent;
using Dapr.Workflow;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Tests.Workflows;

/// <summary>What workflows on the official package rely on, told from the engine's side.</summary>
public sealed class OfficialWorkerTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly List<EngineHost> _engines = [];

    public OfficialWorkerTests() => _limit.CancelAfter(TimeSpan.FromSeconds(60));

    private CancellationToken Limit => _limit.Token;

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }

        _limit.Dispose();
    }

    [Fact]
    public async Task Each_attempt_of_a_retried_activity_is_another_one_and_the_last_failure_reaches_the_workflow()
    {
        var keys = new ConcurrentQueue<string>();
        using var app = await StartAsync(options =>
        {
            options.RegisterWorkflow<object?, string>("W", async (context, _) =>
            {
                try
                {
                    return await context.CallActivityAsync<string>("Fails", null, new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromMilliseconds(10))));
                }
                catch (WorkflowTaskFailedException failed)
                {
                    return failed.FailureDetails.ErrorMessage;
                }
            });
            options.RegisterActivity<object?, string>("Fails", (context, _) =>
            {
                keys.Enqueue(context.TaskExecutionKey);
                throw new InvalidOperationException($"no {keys.Count}");
            });
        });

        Assert.Equal("no 3", (await RunAsync(app, "W")).ReadOutputAs<string>());
        Assert.Equal(3, keys.Distinct().Count());
    }

    [Fact]
    public async Task A_timer_that_is_not_waited_for_any_more_does_not_hold_up_the_end()
    {
        using var app = await StartAsync(options => options.RegisterWorkflow<object?, string>("W", async (context, _) =>
        {
            using var ended = new CancellationTokenSource();
            var first = await Task.WhenAny(context.CreateTimer(context.CurrentUtcDateTime.AddDays(1), ended.Token), context.CreateTimer(TimeSpan.FromMilliseconds(20)));
            return first.IsCompletedSuccessfully ? "short" : "long";
        }));
        Assert.Equal("short", (await RunAsync(app, "W")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Events_that_nobody_waited_for_are_carried_over_when_a_workflow_begins_again()
    {
        using var app = await StartAsync(options => options.RegisterWorkflow<int, int>("Sums", async (context, sum) =>
        {
            var next = await context.WaitForExternalEventAsync<int>("add");
            if (next == 0)
            {
                return sum;
            }

            context.ContinueAsNew(sum + next);
            return 0;
        }));
        var client = Client(app);
        await client.ScheduleNewWorkflowAsync("Sums", "s", 0, (DateTimeOffset?)null, Limit);
        foreach (var number in Enumerable.Range(1, 30).Append(0))
        {
            await client.RaiseEventAsync("s", "add", number, Limit);
        }

        Assert.Equal(465, (await client.WaitForWorkflowCompletionAsync("s", cancellation: Limit)).ReadOutputAs<int>());
        Assert.InRange((await client.GetInstanceHistoryAsync("s", Limit)).Count, 3, 8);
    }

    [Fact]
    public async Task What_happens_while_an_instance_is_suspended_is_there_when_it_is_resumed()
    {
        using var app = await StartAsync(options => options.RegisterWorkflow<object?, int>("W", async (context, _) =>
            await context.WaitForExternalEventAsync<int>("a") + await context.WaitForExternalEventAsync<int>("b")));
        var client = Client(app);
        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        await client.SuspendWorkflowAsync("w", cancellation: Limit);
        await client.RaiseEventAsync("w", "a", 1, Limit);
        await client.RaiseEventAsync("w", "b", 2, Limit);
        Assert.Equal(WorkflowRuntimeStatus.Suspended, (await client.GetWorkflowStateAsync("w", cancellation: Limit)).RuntimeStatus);
        await client.ResumeWorkflowAsync("w", cancellation: Limit);
        Assert.Equal(3, (await client.WaitForWorkflowCompletionAsync("w", cancellation: Limit)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_workflow_that_nobody_registered_and_one_that_throws_end_as_failed()
    {
        using var app = await StartAsync(options =>
            options.RegisterWorkflow<object?, int>("Throws", (_, _) => throw new InvalidOperationException("broken")));
        var thrown = await RunAsync(app, "Throws");
        Assert.Equal((WorkflowRuntimeStatus.Failed, "broken"), (thrown.RuntimeStatus, thrown.FailureDetails!.ErrorMessage));
        Assert.Equal(WorkflowRuntimeStatus.Failed, (await RunAsync(app, "Unknown")).RuntimeStatus);
    }

    [Fact]
    public async Task An_instance_whose_children_run_on_does_not_give_way_to_a_new_one()
    {
        using var app = await StartAsync(options =>
        {
            options.RegisterWorkflow<object?, int>("Parent", (context, _) =>
            {
                _ = context.CallChildWorkflowAsync<int>("Child", options: new ChildWorkflowTaskOptions("child"));
                return Task.FromResult(1);
            });
            options.RegisterWorkflow<object?, int>("Child", (context, _) => context.WaitForExternalEventAsync<int>("go"));
        });
        var client = Client(app);
        await RunAsync(app, "Parent", "p");
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.ScheduleNewWorkflowAsync("Parent", "p", null, (DateTimeOffset?)null, Limit));
        Assert.Equal(StatusCode.AlreadyExists, refused.StatusCode);

        await client.RaiseEventAsync("child", "go", 1, Limit);
        await client.WaitForWorkflowCompletionAsync("child", cancellation: Limit);
        await RunAsync(app, "Parent", "p");
    }

    private static DaprWorkflowClient Client(IHost app) => app.Services.GetRequiredService<DaprWorkflowClient>();

    private async Task<IHost> StartAsync(Action<WorkflowRuntimeOptions> configure)
    {
        var engine = await EngineHost.StartAsync(new InMemoryWorkflowStore());
        _engines.Add(engine);
        return await engine.StartAppAsync(configure);
    }

    private async Task<WorkflowState> RunAsync(IHost app, string workflow, string? id = null)
    {
        id = await Client(app).ScheduleNewWorkflowAsync(workflow, id, null, (DateTimeOffset?)null, Limit);
        return await Client(app).WaitForWorkflowCompletionAsync(id, cancellation: Limit);
    }
}
