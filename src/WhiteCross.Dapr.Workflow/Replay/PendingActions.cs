using Dapr.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

/// <summary>What the code has asked for and the history does not have yet, by id.</summary>
internal sealed class PendingActions
{
    private readonly Dictionary<int, WorkflowAction> _actions = [];

    /// <summary>The code asks for an action.</summary>
    public void Add(WorkflowAction action) => _actions.Add(action.Id, action);

    /// <summary>The history has an action: the code must have asked for the same.</summary>
    /// <exception cref="NonDeterministicWorkflowException">It asked for something else, or for nothing.</exception>
    public void Confirm(HistoryEvent recorded)
    {
        var id = recorded.EventId;
        if (!_actions.Remove(id, out var action))
        {
            throw NonDeterministicWorkflowException.Missing(id, Describe(recorded));
        }

        var isSame = (recorded.EventTypeCase, action.WorkflowActionTypeCase) switch
        {
            (HistoryEvent.EventTypeOneofCase.TaskScheduled, WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask) =>
                IsSameName(recorded.TaskScheduled.Name, action.ScheduleTask.Name),
            (HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated, WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow) =>
                IsSameName(recorded.ChildWorkflowInstanceCreated.Name, action.CreateChildWorkflow.Name),
            (HistoryEvent.EventTypeOneofCase.TimerCreated, WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer) => true,
            (HistoryEvent.EventTypeOneofCase.EventSent, WorkflowAction.WorkflowActionTypeOneofCase.SendEvent) =>
                IsSameName(recorded.EventSent.Name, action.SendEvent.Name),
            _ => false,
        };

        if (!isSame)
        {
            throw NonDeterministicWorkflowException.Mismatch(id, Describe(recorded), Describe(action));
        }
    }

    /// <summary>What is left, in the order in which the code asked.</summary>
    public IEnumerable<WorkflowAction> InOrder() => _actions.Values.OrderBy(a => a.Id);

    private static bool IsSameName(string recorded, string decided) => string.Equals(recorded, decided, StringComparison.OrdinalIgnoreCase);

    private static string Describe(HistoryEvent e) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskScheduled => $"activity '{e.TaskScheduled.Name}'",
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated => $"child workflow '{e.ChildWorkflowInstanceCreated.Name}'",
        HistoryEvent.EventTypeOneofCase.TimerCreated => "a timer",
        HistoryEvent.EventTypeOneofCase.EventSent => $"sending event '{e.EventSent.Name}'",
        _ => e.EventTypeCase.ToString(),
    };

    private static string Describe(WorkflowAction a) => a.WorkflowActionTypeCase switch
    {
        WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask => $"activity '{a.ScheduleTask.Name}'",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow => $"child workflow '{a.CreateChildWorkflow.Name}'",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer => "a timer",
        WorkflowAction.WorkflowActionTypeOneofCase.SendEvent => $"sending event '{a.SendEvent.Name}'",
        _ => a.WorkflowActionTypeCase.ToString(),
    };
}
