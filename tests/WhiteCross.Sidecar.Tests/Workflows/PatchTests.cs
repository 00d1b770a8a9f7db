using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Tests.Workflows;

/// <summary>Instances whose code was changed behind a patch: they go on with the code that they began with, or stall until a worker has it.</summary>
public sealed class PatchTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private EngineHost? _engine;

    public PatchTests() => _limit.CancelAfter(TimeSpan.FromSeconds(60));

    private CancellationToken Limit => _limit.Token;

    public async ValueTask DisposeAsync()
    {
        await (_engine?.DisposeAsync() ?? ValueTask.CompletedTask);
        _limit.Dispose();
    }

    [Fact]
    public async Task A_patch_is_kept_once_and_holds_over_all_turns_that_follow()
    {
        using var app = await StartAsync((context, before) => Task.FromResult(context.IsPatched("one") ? before + "1" : before));

        Assert.Equal("abc1", await RunToEndAsync(app));

        var history = await _engine!.Engine.GetHistoryAsync("w", Limit);
        Assert.Equal(["one"], history.SelectMany(e => e.WorkflowStarted?.Version?.Patches ?? Enumerable.Empty<string>()));
    }

    [Fact]
    public async Task An_instance_from_before_the_patch_goes_on_without_it()
    {
        using (var old = await StartAsync((_, before) => Task.FromResult(before)))
        {
            await ReachAsync(old, "b");
            await old.StopAsync(Limit);
        }

        // At a place that the old code has passed.
        using var app = await StartAppAsync((_, before) => Task.FromResult(before), first: context => context.IsPatched("early") ? "A" : "a");
        await ContinueAsync(app);

        Assert.Equal("abc", (await Client(app).WaitForWorkflowCompletionAsync("w", cancellation: Limit)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task One_that_has_a_patch_which_the_worker_does_not_know_stalls_until_one_does()
    {
        using (var newer = await StartAsync((_, before) => Task.FromResult(before), first: context => context.IsPatched("early") ? "A" : "a"))
        {
            await ReachAsync(newer, "b");
            await newer.StopAsync(Limit);
        }

        using (var older = await StartAppAsync((_, before) => Task.FromResult(before)))
        {
            await ContinueAsync(older);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            while ((await Client(older).GetWorkflowStateAsync("w", cancellation: Limit)).RuntimeStatus != WorkflowRuntimeStatus.Stalled)
            {
                await timer.WaitForNextTickAsync(Limit);
            }

            await older.StopAsync(Limit);
        }

        var stalled = Assert.Single(await _engine!.Engine.GetHistoryAsync("w", Limit), e => e.ExecutionStalled is not null);
        Assert.Equal(StalledReason.PatchMismatch, stalled.ExecutionStalled.Reason);
        using var app = await StartAppAsync((_, before) => Task.FromResult(before), first: context => context.IsPatched("early") ? "A" : "a");
        Assert.Equal("Abc", (await Client(app).WaitForWorkflowCompletionAsync("w", cancellation: Limit)).ReadOutputAs<string>());
    }

    private static DaprWorkflowClient Client(IHost app) => app.Services.GetRequiredService<DaprWorkflowClient>();

    private async Task<IHost> StartAsync(Func<WorkflowContext, string, Task<string>> last, Func<WorkflowContext, string>? first = null)
    {
        _engine = await EngineHost.StartAsync(new InMemoryWorkflowStore());
        return await StartAppAsync(last, first);
    }

    private Task<IHost> StartAppAsync(Func<WorkflowContext, string, Task<string>> last, Func<WorkflowContext, string>? first = null) => _engine!.StartAppAsync(options =>
    {
        options.RegisterWorkflow<object?, string>("W", async (context, _) =>
        {
            var said = first?.Invoke(context) ?? "a";
            said += await context.CallActivityAsync<string>("Says", "b");
            context.SetCustomStatus(said[1..]);
            await context.WaitForExternalEventAsync<string?>("go");
            said = await last(context, said + await context.CallActivityAsync<string>("Says", "c"));
            await context.CallActivityAsync<string>("Says", "d");
            return said;
        });
        options.RegisterActivity<string, string>("Says", (_, what) => Task.FromResult(what));
    });

    private async Task ReachAsync(IHost app, string status)
    {
        await Client(app).ScheduleNewWorkflowAsync("W", "w", null, (DateTimeOffset?)null, Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await Client(app).GetWorkflowStateAsync("w", cancellation: Limit)).ReadCustomStatusAs<string>() != status)
        {
            await timer.WaitForNextTickAsync(Limit);
        }
    }

    private Task ContinueAsync(IHost app) => Client(app).RaiseEventAsync("w", "go", cancellation: Limit);

    private async Task<string?> RunToEndAsync(IHost app)
    {
        await ReachAsync(app, "b");
        await ContinueAsync(app);
        return (await Client(app).WaitForWorkflowCompletionAsync("w", cancellation: Limit)).ReadOutputAs<string>();
    }
}
