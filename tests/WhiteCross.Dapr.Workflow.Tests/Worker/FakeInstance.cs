using Dapr.Workflow.Protocol;

namespace WhiteCross.Dapr.Workflow.Tests.Worker;

/// <summary>A workflow instance in the fake sidecar. Guarded by the sidecar's lock.</summary>
internal sealed class FakeInstance(string id, string name, string input, DateTimeOffset created)
{
    public string Id => id;

    public string Name => name;

    public string Input { get; set; } = input;

    public DateTimeOffset Created { get; } = created;

    public DateTimeOffset Updated { get; set; } = created;

    public List<HistoryEvent> History { get; } = [];

    public List<HistoryEvent> Inbox { get; } = [];

    public OrchestrationStatus Status { get; set; } = OrchestrationStatus.Pending;

    public string? Output { get; set; }

    public string? CustomStatus { get; set; }

    public TaskFailureDetails? Failure { get; set; }

    /// <summary>The parent, and the number of its call.</summary>
    public (FakeInstance Instance, int TaskId)? Parent { get; init; }

    /// <summary>The turn that a worker has in hand.</summary>
    public WorkflowRequest? Turn { get; set; }

    /// <summary>Activities that run, by number.</summary>
    public Dictionary<int, ActivityRequest> Activities { get; } = [];

    public bool IsOver => Status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated;
}
