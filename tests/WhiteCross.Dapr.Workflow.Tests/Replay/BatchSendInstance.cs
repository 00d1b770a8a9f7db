using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using WhiteCross.BatchMessageSending;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

/// <summary>An instance of the batch service's workflow, played to its end: 25 recipients in chunks of 10, of which the first fails once.</summary>
internal static class BatchSendInstance
{
    private static readonly Guid BatchId = new("7b1e6a3c-5d0f-4c55-9a55-0c9a8f4f6d10");

    public static TestInstance Play(IWorkflow workflow)
    {
        var instance = new TestInstance(workflow, new BatchRun(BatchId, "job-1"));
        var hasFailed = false;
        var response = instance.Turn();
        while (instance.End is null)
        {
            var action = response.Actions.Single(a => a.ScheduleTask is not null || a.CreateTimer is not null);
            response = instance.Turn(action switch
            {
                { CreateTimer: not null } => TestInstance.Fired(action.Id),
                { ScheduleTask.Name: nameof(PlanBatch) } => TestInstance.Completed(action.Id, new BatchPlan(25, 10, 100, 1)),
                { ScheduleTask.Name: nameof(EndBatch) } => TestInstance.Completed(
                    action.Id, new BatchResult(BatchId, BatchStatus.Completed, 25, 25, 1, [], TestInstance.Start)),
                _ when !hasFailed => Fail(action.Id, ref hasFailed),
                _ => TestInstance.Completed(action.Id, new ChunkSent(action.ScheduleTask.Input.Contains("\"chunk\":2", StringComparison.Ordinal) ? 5 : 10, 0)),
            });
        }

        return instance;
    }

    private static HistoryEvent Fail(int id, ref bool hasFailed)
    {
        hasFailed = true;
        return TestInstance.Failed(id);
    }
}
