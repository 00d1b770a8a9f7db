namespace Dapr.Workflow;

/// <summary>An activity or a child workflow failed.</summary>
/// <param name="message">What failed.</param>
/// <param name="failureDetails">Why.</param>
#pragma warning disable CA1032 // The constructor is the package's.
public class WorkflowTaskFailedException(string message, WorkflowTaskFailureDetails failureDetails) : Exception(message)
#pragma warning restore CA1032
{
    /// <summary>Why it failed.</summary>
    public WorkflowTaskFailureDetails FailureDetails { get; } = failureDetails ?? throw new ArgumentNullException(nameof(failureDetails));
}
