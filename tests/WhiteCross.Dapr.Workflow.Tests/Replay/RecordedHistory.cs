using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using Dapr.Workflow.Replay;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

/// <summary>
/// The history of an instance, replayed prefix by prefix: for each turn the events before it are the past, what came in is new, and the actions that
/// the history has after it are what the code has to answer.
/// </summary>
internal static class RecordedHistory
{
    public static void AssertReplays(IReadOnlyList<HistoryEvent> history, IWorkflow workflow)
    {
        foreach (var (at, request, recorded) in Turns(history))
        {
            var response = Replay(request, workflow);
            Assert.True(
                recorded.SequenceEqual(response.Actions.Select(Describe)),
                $"Turn at event {at}: recorded [{string.Join("; ", recorded)}], decided [{string.Join("; ", response.Actions.Select(Describe))}]");
        }
    }

    public static WorkflowResponse ReplayLastTurn(IReadOnlyList<HistoryEvent> history, IWorkflow workflow) => Replay(Turns(history).Last().Request, workflow);

    public static List<HistoryEvent> Load(string file)
    {
        var parser = new JsonParser(JsonParser.Settings.Default);
        return [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Histories", file))
            .Where(line => line.StartsWith('{'))
            .Select(line => parser.Parse<HistoryEvent>(line.TrimEnd(',')))];
    }

    private static WorkflowResponse Replay(WorkflowRequest request, IWorkflow workflow) =>
        WorkflowTurn.Run(request, "Example", workflow, TestInstance.Serializer, NullLoggerFactory.Instance);

    private static IEnumerable<(int At, WorkflowRequest Request, List<string> Recorded)> Turns(IReadOnlyList<HistoryEvent> history)
    {
        for (var at = 0; at < history.Count; at++)
        {
            if (history[at].WorkflowStarted is null)
            {
                continue;
            }

            var request = new WorkflowRequest { InstanceId = "instance-1", PastEvents = { history.Take(at) } };
            var turn = history.Skip(at + 1).TakeWhile(e => e.WorkflowStarted is null).ToList();
            request.NewEvents.Add(history[at]);
            request.NewEvents.AddRange(turn.Where(e => e.EventId == -1));
            yield return (at, request, [.. turn.Where(e => e.EventId >= 0).Select(Describe)]);
        }
    }

    private static string Describe(HistoryEvent e) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskScheduled => $"{e.EventId} activity {e.TaskScheduled.Name} {e.TaskScheduled.Input} {e.TaskScheduled.TaskExecutionId}",
        HistoryEvent.EventTypeOneofCase.TimerCreated => $"{e.EventId} timer {e.TimerCreated.FireAt}",
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated =>
            $"{e.EventId} child {e.ChildWorkflowInstanceCreated.Name} {e.ChildWorkflowInstanceCreated.InstanceId} {e.ChildWorkflowInstanceCreated.Input}",
        HistoryEvent.EventTypeOneofCase.EventSent => $"{e.EventId} event {e.EventSent.Name} {e.EventSent.InstanceId} {e.EventSent.Input}",
        HistoryEvent.EventTypeOneofCase.ExecutionCompleted =>
            $"{e.EventId} end {e.ExecutionCompleted.WorkflowStatus} {e.ExecutionCompleted.Result} {e.ExecutionCompleted.FailureDetails?.ErrorType}",
        _ => e.EventTypeCase.ToString(),
    };

    private static string Describe(WorkflowAction a) => a.WorkflowActionTypeCase switch
    {
        WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask => $"{a.Id} activity {a.ScheduleTask.Name} {a.ScheduleTask.Input} {a.ScheduleTask.TaskExecutionId}",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer => $"{a.Id} timer {a.CreateTimer.FireAt}",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow =>
            $"{a.Id} child {a.CreateChildWorkflow.Name} {a.CreateChildWorkflow.InstanceId} {a.CreateChildWorkflow.Input}",
        WorkflowAction.WorkflowActionTypeOneofCase.SendEvent => $"{a.Id} event {a.SendEvent.Name} {a.SendEvent.Instance.InstanceId} {a.SendEvent.Data}",
        WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow =>
            $"{a.Id} end {a.CompleteWorkflow.WorkflowStatus} {a.CompleteWorkflow.Result} {a.CompleteWorkflow.FailureDetails?.ErrorType}",
        _ => a.WorkflowActionTypeCase.ToString(),
    };
}
