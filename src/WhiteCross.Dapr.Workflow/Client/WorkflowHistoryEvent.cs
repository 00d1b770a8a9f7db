namespace Dapr.Workflow.Client;

/// <summary>Something that happened in a workflow instance.</summary>
/// <param name="EventId">The number of the action that it records; −1 for what came from outside.</param>
/// <param name="EventType">What happened.</param>
/// <param name="Timestamp">When, in UTC.</param>
public sealed record WorkflowHistoryEvent(int EventId, WorkflowHistoryEventType EventType, DateTime Timestamp);

/// <summary>What can happen in a workflow instance.</summary>
public enum WorkflowHistoryEventType
{
    /// <summary>Something that this version does not know.</summary>
    Unknown = 0,

    /// <summary>The instance began.</summary>
    ExecutionStarted,

    /// <summary>The instance ended.</summary>
    ExecutionCompleted,

    /// <summary>The instance was ended from outside.</summary>
    ExecutionTerminated,

    /// <summary>An activity was called.</summary>
    TaskScheduled,

    /// <summary>An activity answered.</summary>
    TaskCompleted,

    /// <summary>An activity failed.</summary>
    TaskFailed,

    /// <summary>A child workflow was begun.</summary>
    SubOrchestrationInstanceCreated,

    /// <summary>A child workflow answered.</summary>
    SubOrchestrationInstanceCompleted,

    /// <summary>A child workflow failed.</summary>
    SubOrchestrationInstanceFailed,

    /// <summary>A timer was set.</summary>
    TimerCreated,

    /// <summary>A timer went off.</summary>
    TimerFired,

    /// <summary>A turn began.</summary>
    OrchestratorStarted,

    /// <summary>A turn ended.</summary>
    OrchestratorCompleted,

    /// <summary>An event was sent to another instance.</summary>
    EventSent,

    /// <summary>An event came from outside.</summary>
    EventRaised,

    /// <summary>Something without a meaning to the engine.</summary>
    GenericEvent,

    /// <summary>A snapshot of the history.</summary>
    HistoryState,

    /// <summary>The instance began again.</summary>
    ContinueAsNew,

    /// <summary>The instance was paused.</summary>
    ExecutionSuspended,

    /// <summary>The instance was resumed.</summary>
    ExecutionResumed,

    /// <summary>The instance cannot go on.</summary>
    ExecutionStalled,

    /// <summary>An independent workflow was begun.</summary>
    DetachedWorkflowInstanceCreated,
}
