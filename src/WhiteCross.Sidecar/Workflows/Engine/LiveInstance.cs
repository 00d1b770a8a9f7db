using Dapr.Workflow.Protocol;

namespace WhiteCross.Sidecar.Workflows.Engine;

/// <summary>An instance that has not ended, in the engine's memory: the same as in the store, plus what is under way. Guarded by the engine's lock.</summary>
internal sealed class LiveInstance(WorkflowState state)
{
    private TaskCompletionSource _changed = NewSignal();

    public string Id => State.InstanceId;

    /// <summary>The store's version; 0 before it is stored.</summary>
    public long Version { get; set; }

    public WorkflowState State { get; set; } = state;

    public List<HistoryEvent> History { get; } = [];

    public List<HistoryEvent> Inbox { get; } = [];

    /// <summary>The turn that waits for a worker's answer.</summary>
    public GivenTurn? Turn { get; set; }

    /// <summary>The instance is in the queue of those that need a turn.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Activities without a result, by number.</summary>
    public Dictionary<int, PendingActivity> Activities { get; } = [];

    /// <summary>Timers that have not fired, by number.</summary>
    public Dictionary<int, ITimer> Timers { get; } = [];

    /// <summary>The one that starts it later.</summary>
    public ITimer? StartTimer { get; set; }

    /// <summary>Numbers of the actions in its history.</summary>
    public HashSet<int> ActionIds { get; } = [];

    public bool IsOver => IsEnd(State.WorkflowStatus);

    /// <summary>Fires at the next change.</summary>
    public Task Changed => _changed.Task;

    public static bool IsEnd(OrchestrationStatus status) =>
        status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated or OrchestrationStatus.Canceled;

    /// <summary>The parent of a child workflow.</summary>
    public ParentInstanceInfo? Parent =>
        (History.Find(e => e.ExecutionStarted is not null) ?? Inbox.Find(e => e.ExecutionStarted is not null))?.ExecutionStarted.ParentInstance;

    /// <summary>Tells all who wait for a change.</summary>
    public void SignalChange()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    /// <summary>Ends what would still happen by itself.</summary>
    public void StopTimers()
    {
        StartTimer?.Dispose();
        StartTimer = null;
        foreach (var timer in Timers.Values)
        {
            timer.Dispose();
        }

        Timers.Clear();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A turn that was given out.</summary>
/// <param name="Token">Tells it from an earlier one.</param>
/// <param name="Events">What is new in it.</param>
/// <param name="InboxCount">How many of these came from the inbox.</param>
internal sealed record GivenTurn(string Token, IReadOnlyList<HistoryEvent> Events, int InboxCount);

/// <summary>An activity without a result.</summary>
internal sealed class PendingActivity(string instanceId, ActivityRequest request)
{
    public string InstanceId => instanceId;

    public ActivityRequest Request => request;

    /// <summary>Tells this giving-out from an earlier one; null while it waits for a worker.</summary>
    public string? Token { get; set; }

    /// <summary>Nobody waits for it any more.</summary>
    public bool IsDropped { get; set; }
}
