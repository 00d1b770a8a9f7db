namespace Dapr.Workflow;

/// <summary>Where a workflow instance is in its life.</summary>
public enum WorkflowRuntimeStatus
{
    /// <summary>A status that this version does not know.</summary>
    Unknown = -1,

    /// <summary>It runs, or waits for something.</summary>
    Running = 0,

    /// <summary>It ended with an output.</summary>
    Completed = 1,

    /// <summary>It is beginning again with a new input.</summary>
    ContinuedAsNew = 2,

    /// <summary>It ended by an exception.</summary>
    Failed = 3,

    /// <summary>It was cancelled.</summary>
    Canceled = 4,

    /// <summary>It was ended from outside.</summary>
    Terminated = 5,

    /// <summary>It has not begun yet.</summary>
    Pending = 6,

    /// <summary>It is paused.</summary>
    Suspended = 7,

    /// <summary>It cannot go on until something is put right: other code than its history's, or a payload over the sidecar's limit.</summary>
    Stalled = 8,
}
