using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow;

/// <summary>Tells an activity which call it is.</summary>
public abstract class WorkflowActivityContext
{
    /// <summary>The activity's name.</summary>
    public abstract TaskIdentifier Identifier { get; }

    /// <summary>
    /// The call's key: the same when the call is repeated after a crash, so an idempotency key for what the activity does. A retry by
    /// <see cref="WorkflowRetryPolicy"/> is another call with another key.
    /// </summary>
    public abstract string TaskExecutionKey { get; }

    /// <summary>The workflow instance that called.</summary>
    public abstract string InstanceId { get; }
}
