namespace Dapr.Workflow;

/// <summary>What a workflow knows about its run.</summary>
public interface IWorkflowContext
{
    /// <summary>True while the code goes over what is recorded already; false when it decides something for the first time.</summary>
    bool IsReplaying { get; }

    /// <summary>The time of the current turn, in UTC; the same on every replay.</summary>
    DateTime CurrentUtcDateTime { get; }

    /// <summary>
    /// Lets instances that began before a change of the code finish on the old path: true where this is decided for the first time, and from then on;
    /// false for an instance whose history has passed this point without the patch.
    /// </summary>
    /// <param name="patchName">The name of the change, case-sensitive.</param>
    bool IsPatched(string patchName);
}
