using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using WhiteCross.BatchMessageSending;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

/// <summary>
/// The batch service's workflow over stored histories, of this code and of the code before it stopped pausing after the last chunk: whatever is running
/// when the service is replaced goes on.
/// </summary>
public sealed class BatchSendHistoriesTests
{
    private const string Now = "batch-send.json";
    private const string Before = "batch-send-with-a-last-pause.json";

    [Fact]
    public void A_stored_history_replays_to_the_same_decisions() => RecordedHistory.AssertReplays(RecordedHistory.Load(Now), new BatchSendWorkflow());

    [Fact]
    public void A_history_from_before_the_change_replays_too()
    {
        var history = RecordedHistory.Load(Before);
        var end = RecordedHistory.ReplayLastTurn(history, new BatchSendWorkflow());
        var completed = Assert.Single(end.Actions).CompleteWorkflow;
        Assert.Equal(OrchestrationStatus.Completed, completed.WorkflowStatus);
        Assert.Contains("\"processedCount\":25", completed.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_instance_makes_one_pause_less_and_one_that_began_before_keeps_its_pauses()
    {
        static int Pauses(IEnumerable<HistoryEvent> history) => history.Count(e => e.TimerCreated is not null);
        var played = BatchSendInstance.Play(new BatchSendWorkflow());
        Assert.Equal(Pauses(RecordedHistory.Load(Before)) - 1, Pauses(played.History));
        Assert.Equal(Pauses(RecordedHistory.Load(Now)), Pauses(played.History));
    }

    [Fact]
    public void A_long_batch_goes_on_as_a_new_run_with_a_small_history()
    {
        var instance = new TestInstance(new BatchSendWorkflow(), new BatchRun(Guid.NewGuid(), "job-1"));
        var (response, runs, largest) = (instance.Turn(), 1, 0);
        while (instance.End is not { WorkflowStatus: OrchestrationStatus.Completed })
        {
            if (instance.End is { WorkflowStatus: OrchestrationStatus.ContinuedAsNew })
            {
                runs++;
                response = instance.Turn();
                continue;
            }

            largest = Math.Max(largest, instance.History.Sum(e => e.CalculateSize()));
            var action = response.Actions.Single(a => a.ScheduleTask is not null || a.CreateTimer is not null);
            response = instance.Turn(action switch
            {
                { CreateTimer: not null } => TestInstance.Fired(action.Id),
                { ScheduleTask.Name: nameof(PlanBatch) } => TestInstance.Completed(action.Id, new BatchPlan(2000, 10, 100, 1)),
                { ScheduleTask.Name: nameof(EndBatch) } => TestInstance.Completed(
                    action.Id, new BatchResult(Guid.NewGuid(), BatchStatus.Completed, 2000, 2000, 0, [], TestInstance.Start)),
                _ => TestInstance.Completed(action.Id, new ChunkSent(10, 0)),
            });
        }

        Assert.Equal(4, runs);
        Assert.InRange(largest, 1, 100_000);
    }

    [Fact]
    public void A_cancelled_batch_ends_with_its_end_activity_and_sends_no_further_chunk()
    {
        var instance = new TestInstance(new BatchSendWorkflow(), new BatchRun(Guid.NewGuid(), "job-1"));
        instance.Turn();
        instance.Turn(TestInstance.Completed(0, new BatchPlan(100, 10, 60_000, 1)));
        var pause = instance.Turn(TestInstance.Completed(1, new ChunkSent(10, 0))).Actions.Single();
        Assert.NotNull(pause.CreateTimer);
        var end = instance.Turn(TestInstance.Raised(BatchSendWorkflow.CancelEvent)).Actions.Single(a => a.ScheduleTask is not null);
        Assert.Equal(nameof(EndBatch), end.ScheduleTask.Name);
        Assert.Contains("\"status\":\"cancelled\",\"processed\":10", end.ScheduleTask.Input, StringComparison.Ordinal);
    }
}
