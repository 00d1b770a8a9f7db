using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow.Worker;

/// <summary>What an activity knows about its call.</summary>
internal sealed class ActivityContextOfCall(string name, string key, string instanceId) : WorkflowActivityContext
{
    /// <inheritdoc/>
    public override TaskIdentifier Identifier { get; } = new(name);

    /// <inheritdoc/>
    public override string TaskExecutionKey => key;

    /// <inheritdoc/>
    public override string InstanceId => instanceId;
}
