namespace WhiteCross.Sidecar.Workflows;

/// <summary>What the workflow engine refuses.</summary>
/// <param name="reason">Why.</param>
/// <param name="message">The same, for people.</param>
#pragma warning disable CA1032 // A refusal without a reason would not say what to answer.
public sealed class WorkflowException(WorkflowRefusal reason, string message) : Exception(message)
#pragma warning restore CA1032
{
    /// <summary>Why.</summary>
    public WorkflowRefusal Reason { get; } = reason;
}

/// <summary>Why the workflow engine refuses something.</summary>
public enum WorkflowRefusal
{
    /// <summary>There is no such instance, or nobody waits for such an answer.</summary>
    NotFound,

    /// <summary>The instance exists and has not ended.</summary>
    AlreadyExists,

    /// <summary>The request makes no sense.</summary>
    Invalid,

    /// <summary>Not in the state that the instance is in.</summary>
    WrongState,

    /// <summary>Another sidecar of the same app has changed the instance.</summary>
    Conflict,
}
