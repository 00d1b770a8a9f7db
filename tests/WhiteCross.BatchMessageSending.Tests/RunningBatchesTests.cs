using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using WhiteCross.Sidecar.Workflows;
using WhiteCross.Sidecar.Workflows.Api;
using WhiteCross.Sidecar.Workflows.Engine;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>
/// Batches outlive the service's versions: today's workflow, run by the official worker, goes over histories that were recorded, turn by turn, and has to decide
/// what was decided then. A change that has to decide otherwise goes behind <c>IsPatched</c>, and gets a history of its own.
/// </summary>
public sealed class RunningBatchesTests
{
    private static readonly Guid BatchId = new("7b1e6a3c-5d0f-4c55-9a55-0c9a8f4f6d10");

    public static TheoryData<string> Names => [.. Recordings.Keys];

    private static Dictionary<string, Recording> Recordings => new()
    {
        ["pauses-and-a-failed-chunk"] = new(new BatchPlan(25, 10, 100, 1)) { Chunk = FailsFirst() },
        ["chunks-in-parallel"] = new(new BatchPlan(45, 10, 0, 2)),
        ["second-run-of-many-chunks"] = new(new BatchPlan(60, 1, 0, 1)),
        ["refused-plan"] = new(new BatchPlan(0, 1, 0, 1, "The template 'x' does not exist.")),
        ["job-cancelled"] = new(new BatchPlan(100, 10, 0, 1)) { Chunk = chunk => new ChunkSent(10, 0, IsCancelled: chunk == 2) },
        ["cancelled-in-a-pause"] = new(new BatchPlan(100, 10, 3_600_000, 1))
        {
            Meanwhile = async (client, id) => await client.RaiseEventAsync(id, BatchSendWorkflow.CancelEvent, cancellation: BatchService.Cancellation),
        },
        ["suspended-and-resumed"] = new(new BatchPlan(30, 10, 500, 1))
        {
            Meanwhile = async (client, id) =>
            {
                await client.SuspendWorkflowAsync(id, cancellation: BatchService.Cancellation);
                await client.ResumeWorkflowAsync(id, cancellation: BatchService.Cancellation);
            },
        },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_turn_of_a_recorded_batch_is_decided_as_it_was(string name) => Assert.Empty(await DifferencesAsync(RecordedHistory.Load(name)));

    /// <summary>From the time when a batch paused after its last chunk, too.</summary>
    [Fact]
    public async Task A_batch_that_had_begun_its_last_pause_when_that_was_done_away_with_comes_to_its_end()
    {
        var history = RecordedHistory.Load("with-a-last-pause");
        var pause = history.Last(e => e.TimerCreated is not null);
        Assert.Empty(await DifferencesAsync(history, turn => turn.Past.Contains(pause)));
    }

    [Fact]
    public async Task A_change_that_breaks_running_batches_is_caught()
    {
        // Not in pairs as planned, but one by one: batches that have two chunks on their way would wait for ever.
        var differences = await DifferencesAsync(
            RecordedHistory.Load("chunks-in-parallel"),
            configure: options => options.RegisterWorkflow<BatchRun, BatchResult>(nameof(BatchSendWorkflow), (context, run) =>
                new BatchSendWorkflow().RunAsync(context, run with { Plan = new BatchPlan(45, 10, 0, 1) })));
        Assert.NotEmpty(differences);
    }

    /// <summary>Records the histories anew: only where a change behind a patch needs another one. The old ones stay, under other names.</summary>
    [Theory(Explicit = true)]
    [MemberData(nameof(Names))]
    public async Task Record(string name)
    {
        var recording = Recordings[name];
        var options = new WorkflowEngineOptions();
        await using var engine = await WorkflowEngine.StartAsync(new InMemoryWorkflowStore(), options, TimeProvider.System, NullLogger<WorkflowEngine>.Instance, BatchService.Cancellation);
        await using var hub = await WorkflowHub.StartAsync(
            services => services.AddSingleton(engine).AddSingleton(TimeProvider.System).AddWorkflowApi(options), app => app.MapWorkflowGrpc(), recording.Register);
        var client = hub.WorkerServices.GetRequiredService<DaprWorkflowClient>();
        await client.ScheduleNewWorkflowAsync(nameof(BatchSendWorkflow), BatchId.ToString(), new BatchRun(BatchId, "job-1"));
        if (recording.Meanwhile is { } meanwhile)
        {
            await BatchService.EventuallyAsync(async () =>
                (await engine.GetHistoryAsync(BatchId.ToString(), BatchService.Cancellation)).Any(e => e.TimerCreated is not null) ? client : null);
            await meanwhile(client, BatchId.ToString());
        }

        await client.WaitForWorkflowCompletionAsync(BatchId.ToString(), cancellation: BatchService.Cancellation);
        RecordedHistory.Save(name, await engine.GetHistoryAsync(BatchId.ToString(), BatchService.Cancellation));
    }

    private static Func<int, ChunkSent> FailsFirst()
    {
        var isFirst = true;
        return _ => Interlocked.Exchange(ref isFirst, false) ? throw new InvalidOperationException("The sidecar is away.") : new ChunkSent(10, 0);
    }

    private static async Task<List<string>> DifferencesAsync(
        IReadOnlyList<HistoryEvent> history, Func<RecordedTurn, bool>? isWanted = null, Action<WorkflowRuntimeOptions>? configure = null)
    {
        var turns = new TurnsOfTest();
        await using var hub = await WorkflowHub.StartAsync(
            services => services.AddSingleton(turns), app => app.MapGrpcService<TurnsOfTest>(), configure ?? (options => options.RegisterWorkflow<BatchSendWorkflow>()));
        var differences = new List<string>();
        foreach (var turn in RecordedHistory.TurnsOf(history).Where(isWanted ?? (_ => true)))
        {
            var decided = RecordedHistory.Text(await turns.DecideAsync(turn.Past, turn.Happened));
            if (!decided.SequenceEqual(turn.Decided, StringComparer.Ordinal))
            {
                differences.Add($"after {turn.Past.Count} events: {string.Join(" | ", decided)} instead of {string.Join(" | ", turn.Decided)}");
            }
        }

        return differences;
    }

    /// <summary>How a batch went that is recorded.</summary>
    private sealed record Recording(BatchPlan Plan)
    {
        public Func<int, ChunkSent> Chunk { get; init; } = _ => new ChunkSent(10, 0);

        public Func<DaprWorkflowClient, string, Task>? Meanwhile { get; init; }

        public void Register(WorkflowRuntimeOptions options)
        {
            options.RegisterActivity<BatchRun, BatchPlan>(nameof(PlanBatch), (_, _) => Task.FromResult(Plan));
            options.RegisterActivity<ChunkToSend, ChunkSent>(nameof(SendChunk), (_, chunk) => Task.FromResult(Chunk(chunk.Chunk)));
            options.RegisterActivity<BatchEnd, BatchResult>(nameof(EndBatch), (_, end) => Task.FromResult(
                new BatchResult(BatchId, end.Status, Plan.RecipientCount, end.Processed, 0, [], DateTimeOffset.UnixEpoch, end.Reason)));
        }
    }
}
