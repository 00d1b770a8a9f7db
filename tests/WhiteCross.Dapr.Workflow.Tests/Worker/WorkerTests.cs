using System.Collections.Concurrent;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace WhiteCross.Dapr.Workflow.Tests.Worker;

public sealed class WorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public WorkerTests() => _limit.CancelAfter(Patience);

    private CancellationToken Limit => _limit.Token;

    [Fact]
    public async Task A_workflow_runs_its_activities_and_children_to_its_end()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await sidecar.StartAppAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Sum", async (context, n) =>
            {
                context.SetCustomStatus(new { Half = true });
                var squares = await context.ProcessInParallelAsync(Enumerable.Range(1, n), i => context.CallActivityAsync<int>("square", i));
                await context.CreateTimer(TimeSpan.FromMilliseconds(1));
                return squares.Sum() + await context.CallChildWorkflowAsync<int>("Hundred");
            });
            options.RegisterWorkflow<object?, int>("Hundred", (_, _) => Task.FromResult(100));
            options.RegisterActivity<int, int>("Square", (_, i) => Task.FromResult(i * i));
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        var id = await client.ScheduleNewWorkflowAsync("sum", "sum-1", 10, (DateTimeOffset?)null, Limit);
        var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: Limit);

        Assert.Equal("sum-1", id);
        Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
        Assert.True(state.IsWorkflowCompleted);
        Assert.Equal(485, state.ReadOutputAs<int>());
        Assert.Equal(10, state.ReadInputAs<int>());
        Assert.True(state.ReadCustomStatusAs<Status>()!.Half);
    }

    [Fact]
    public async Task What_is_not_registered_fails_with_its_name()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await sidecar.StartAppAsync(options => options.RegisterWorkflow<object?, string>("Calls", async (context, _) =>
            await context.CallActivityAsync<string>("Nowhere")));
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        var noWorkflow = await client.ScheduleNewWorkflowAsync("Missing", null, null, (DateTimeOffset?)null, Limit);
        var failed = await client.WaitForWorkflowCompletionAsync(noWorkflow, cancellation: Limit);
        Assert.Equal("WorkflowNotFound", failed.FailureDetails!.ErrorType);
        Assert.Contains("'Missing'", failed.FailureDetails.ErrorMessage, StringComparison.Ordinal);

        var noActivity = await client.ScheduleNewWorkflowAsync("Calls", null, null, (DateTimeOffset?)null, Limit);
        failed = await client.WaitForWorkflowCompletionAsync(noActivity, cancellation: Limit);
        Assert.Equal(WorkflowRuntimeStatus.Failed, failed.RuntimeStatus);
        Assert.Contains("'Nowhere'", failed.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal("ActivityNotFoundException", Assert.Single(sidecar.Sidecar.Answers).Response.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task A_lost_stream_is_opened_again_and_work_that_is_given_out_again_has_the_same_key()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        var keys = new ConcurrentQueue<string>();
        var begun = new SemaphoreSlim(0);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var app = await sidecar.StartAppAsync(options =>
        {
            options.RegisterWorkflow<object?, string>("W", (context, _) => context.CallActivityAsync<string>("Slow"));
            options.RegisterActivity<object?, string>("Slow", async (context, _) =>
            {
                keys.Enqueue(context.TaskExecutionKey);
                begun.Release();
                await finish.Task;
                return context.InstanceId;
            });
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        await begun.WaitAsync(Limit);

        sidecar.Sidecar.BreakStreams();
        await begun.WaitAsync(Limit);
        finish.SetResult();
        var state = await client.WaitForWorkflowCompletionAsync("w", cancellation: Limit);

        Assert.Equal("w", state.ReadOutputAs<string>());
        Assert.Equal(2, keys.Count);
        Assert.Single(keys.Distinct());
        Assert.True(sidecar.Sidecar.StreamsOpened >= 2);
        Assert.Single(sidecar.Sidecar.Answers);
    }

    [Fact]
    public async Task A_sidecar_that_restarts_finds_worker_and_waiting_client_again()
    {
        var store = new FakeSidecar(TimeProvider.System);
        var first = await SidecarHost.StartAsync(store);
        var port = first.Address.Port;
        using var app = await first.StartAppAsync(options =>
            options.RegisterWorkflow<object?, int>("W", (context, _) => context.WaitForExternalEventAsync<int>("go")));
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        var completion = client.WaitForWorkflowCompletionAsync("w", cancellation: Limit);

        await first.DisposeAsync();
        await using var second = await SidecarHost.StartAsync(store, port: port);
        await store.UntilAsync(() => store.OpenStreams > 0, Limit);
        await client.RaiseEventAsync("w", "go", 7, Limit);

        Assert.Equal(7, (await completion).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_shutdown_waits_for_what_is_under_way_and_answers_it_before_the_stream_closes()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        var begun = new SemaphoreSlim(0);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var app = await sidecar.StartAppAsync(options =>
        {
            options.RegisterWorkflow<object?, string>("W", (context, _) => context.CallActivityAsync<string>("Slow"));
            options.RegisterActivity<object?, string>("Slow", async (_, _) =>
            {
                begun.Release();
                await finish.Task;
                return "done";
            });
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        await begun.WaitAsync(Limit);

        var stop = app.StopAsync(Limit);
        Assert.False(stop.IsCompleted);
        Assert.Equal(1, sidecar.Sidecar.OpenStreams);
        finish.SetResult();
        await stop;

        var (answer, openStreams) = Assert.Single(sidecar.Sidecar.Answers);
        Assert.Equal("\"done\"", answer.Result);
        Assert.Equal(1, openStreams);
        Assert.Single(sidecar.Sidecar.GivenOut);
        await sidecar.Sidecar.UntilAsync(() => sidecar.Sidecar.OpenStreams == 0, Limit);
    }

    [Fact]
    public async Task Not_more_activities_run_at_once_than_the_limit()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        var running = 0;
        var most = 0;
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var app = await sidecar.StartAppAsync(
            options =>
            {
                options.RegisterWorkflow<object?, int>("W", async (context, _) =>
                    (await Task.WhenAll(Enumerable.Range(0, 12).Select(i => context.CallActivityAsync<int>("A", i)))).Length);
                options.RegisterActivity<int, int>("A", async (_, i) =>
                {
                    var now = Interlocked.Increment(ref running);
                    InterlockedMax(ref most, now);
                    if (now == 3)
                    {
                        full.TrySetResult();
                    }

                    await full.Task;
                    Interlocked.Decrement(ref running);
                    return i;
                });
            },
            services => services.AddSingleton(new WorkerLimits(Turns: 1, Activities: 3)));
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        var state = await client.WaitForWorkflowCompletionAsync("w", cancellation: Limit);

        Assert.Equal(12, state.ReadOutputAs<int>());
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Payloads_above_4_MiB_pass_when_the_sidecar_takes_them()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await sidecar.StartAppAsync(options =>
        {
            options.RegisterWorkflow<int, int>("W", async (context, n) => (await context.CallActivityAsync<string>("Big", n)).Length);
            options.RegisterActivity<int, string>("Big", (_, n) => Task.FromResult(new string('x', n)));
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        await client.ScheduleNewWorkflowAsync("W", "w", 6_000_000, (DateTimeOffset?)null, Limit);
        var state = await client.WaitForWorkflowCompletionAsync("w", cancellation: Limit);

        Assert.Equal(6_000_000, state.ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_result_that_the_sidecar_does_not_take_fails_the_activity_once_and_says_why()
    {
        await using var sidecar = await SidecarHost.StartAsync(maxMessage: 100_000);
        using var app = await sidecar.StartAppAsync(options =>
        {
            options.RegisterWorkflow<int, string>("W", async (context, n) => await context.CallActivityAsync<string>("Big", n));
            options.RegisterActivity<int, string>("Big", (_, n) => Task.FromResult(new string('x', n)));
        });
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        await client.ScheduleNewWorkflowAsync("W", "w", 200_000, (DateTimeOffset?)null, Limit);
        var state = await client.WaitForWorkflowCompletionAsync("w", cancellation: Limit);

        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Contains("larger than the sidecar takes", state.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.Single(sidecar.Sidecar.GivenOut);
    }

    [Fact]
    public async Task Classes_are_made_per_work_item_with_their_dependencies_and_the_first_of_a_name_wins()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await sidecar.StartAppAsync(
            options =>
            {
                options.RegisterWorkflow<Greet>();
                options.RegisterActivity<AskDependency>();
                options.RegisterActivity<object?, Guid>("ASKDEPENDENCY", (_, _) => Task.FromResult(Guid.Empty));
            },
            services => services.AddScoped<Dependency>());
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        await client.ScheduleNewWorkflowAsync(nameof(Greet), "w", null, (DateTimeOffset?)null, Limit);
        var ids = (await client.WaitForWorkflowCompletionAsync("w", cancellation: Limit)).ReadOutputAs<Guid[]>()!;

        Assert.Equal(2, ids.Distinct().Count());
        Assert.DoesNotContain(Guid.Empty, ids);
    }

    [Fact]
    public async Task Every_call_carries_the_token()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var app = await sidecar.StartAppAsync(
            options => options.RegisterWorkflow<object?, int>("W", (_, _) => Task.FromResult(1)),
            configuration: c => c.AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_API_TOKEN"] = "a-token" }));
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();

        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);

        Assert.Equal(["GetWorkItems", "StartInstance"], sidecar.Sidecar.Calls.Select(c => c.Method).Order());
        Assert.All(sidecar.Sidecar.Calls, c => Assert.Equal("a-token", c.Headers.GetValue("dapr-api-token")));
        Assert.All(sidecar.Sidecar.Calls, c => Assert.Contains("dapr-sdk-dotnet/", c.Headers.GetValue("user-agent"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_app_without_workflows_takes_no_work()
    {
        await using var sidecar = await SidecarHost.StartAsync();
        using var other = await sidecar.StartAppAsync(_ => { });
        using var app = await sidecar.StartAppAsync(options => options.RegisterWorkflow<object?, int>("W", (_, _) => Task.FromResult(1)));
        var client = other.Services.GetRequiredService<DaprWorkflowClient>();

        await client.ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        Assert.Equal(1, (await client.WaitForWorkflowCompletionAsync("w", cancellation: Limit)).ReadOutputAs<int>());
        Assert.Equal(1, sidecar.Sidecar.StreamsOpened);
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private sealed record Status(bool Half);

    private sealed class Dependency
    {
        public Guid Id { get; } = Guid.NewGuid();
    }

    private sealed class Greet : Workflow<object?, Guid[]>
    {
        public override async Task<Guid[]> RunAsync(WorkflowContext context, object? input) =>
        [
            await context.CallActivityAsync<Guid>(nameof(AskDependency)),
            await context.CallActivityAsync<Guid>(nameof(AskDependency)),
        ];
    }

    private sealed class AskDependency(Dependency dependency) : WorkflowActivity<string?, Guid>
    {
        public override Task<Guid> RunAsync(WorkflowActivityContext context, string? input) => Task.FromResult(dependency.Id);
    }
}
