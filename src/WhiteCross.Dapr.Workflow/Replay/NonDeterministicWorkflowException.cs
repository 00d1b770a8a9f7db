namespace Dapr.Workflow.Replay;

/// <summary>The workflow's code does not do what its history says it did.</summary>
internal sealed class NonDeterministicWorkflowException(string message) : Exception(message)
{
    /// <summary>What to say when a workflow's context is used outside its turn.</summary>
    public const string OtherThread =
        "A workflow's context was used from outside the workflow's own thread. A workflow awaits only what its context gives it: "
        + "no Task.Run, Task.Delay, ConfigureAwait(false) or I/O; put these into an activity.";

    /// <summary>What to say when a workflow waits for nothing that could ever come.</summary>
    public const string WaitsForNothing =
        "The workflow waits, but for nothing of its context (activity, timer, child workflow, external event), so it would never go on. "
        + "A workflow awaits only what its context gives it: no Task.Run, Task.Delay, ConfigureAwait(false) or I/O; put these into an activity.";

    /// <summary>The way out, added to a mismatch between code and history.</summary>
    private const string WayOut =
        " The code was changed while this instance was running, or it is not deterministic (clock, random numbers, I/O, unordered collections). "
        + "Bring back the old path for running instances with IsPatched, or give the new code a new workflow name.";

    /// <summary>The history has another action at a place than the code.</summary>
    public static NonDeterministicWorkflowException Mismatch(int id, string recorded, string decided) =>
        new($"The workflow's history and its code part at action {id}: the history has {recorded}, the code asked for {decided}.{WayOut}");

    /// <summary>The history has an action that the code did not ask for.</summary>
    public static NonDeterministicWorkflowException Missing(int id, string recorded) =>
        new($"The workflow's history and its code part at action {id}: the history has {recorded}, the code asked for nothing.{WayOut}");
}
