namespace Dapr.Workflow;

/// <summary>Options of a call to an activity.</summary>
/// <param name="RetryPolicy">When to try again; null: never.</param>
/// <param name="TargetAppId">The app whose worker runs it; null: this app's.</param>
/// <param name="PropagationScope">How much history the callee gets.</param>
public record WorkflowTaskOptions(
    WorkflowRetryPolicy? RetryPolicy = null,
    string? TargetAppId = null,
    HistoryPropagationScope PropagationScope = HistoryPropagationScope.None)
{
    /// <summary>The same options with another propagation scope.</summary>
    /// <param name="scope">How much history the callee gets.</param>
    public WorkflowTaskOptions WithHistoryPropagation(HistoryPropagationScope scope) => this with { PropagationScope = scope };
}

/// <summary>Options of a call to a child workflow.</summary>
/// <param name="InstanceId">The child's instance id; null: made from the parent's and the call's number.</param>
/// <param name="RetryPolicy">When to try again; null: never.</param>
/// <param name="TargetAppId">The app whose worker runs it; null: this app's.</param>
/// <param name="PropagationScope">How much history the callee gets.</param>
public record ChildWorkflowTaskOptions(
    string? InstanceId = null,
    WorkflowRetryPolicy? RetryPolicy = null,
    string? TargetAppId = null,
    HistoryPropagationScope PropagationScope = HistoryPropagationScope.None)
    : WorkflowTaskOptions(RetryPolicy, TargetAppId, PropagationScope)
{
    /// <summary>The same options with another propagation scope.</summary>
    /// <param name="scope">How much history the callee gets.</param>
    public new ChildWorkflowTaskOptions WithHistoryPropagation(HistoryPropagationScope scope) => this with { PropagationScope = scope };
}
