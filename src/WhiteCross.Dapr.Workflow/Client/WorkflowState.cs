using Dapr.Common.Serialization;
using Dapr.Workflow.Replay;

namespace Dapr.Workflow;

/// <summary>What the sidecar says about a workflow instance.</summary>
public sealed class WorkflowState
{
    private readonly Protocol.WorkflowState? _state;
    private readonly IDaprSerializer _serializer;

    internal WorkflowState(Protocol.WorkflowState? state, IDaprSerializer serializer)
    {
        _state = state;
        _serializer = serializer;
    }

    /// <summary>The workflow's name; null when there is no such instance.</summary>
    public string? WorkflowName => _state?.Name;

    /// <summary>Whether there is such an instance.</summary>
    public bool Exists => _state is not null;

    /// <summary>Whether it is running; a pending or suspended one is not.</summary>
    public bool IsWorkflowRunning => Exists && RuntimeStatus == WorkflowRuntimeStatus.Running;

    /// <summary>Whether it has ended: completed, failed or terminated.</summary>
    public bool IsWorkflowCompleted => Exists
        && RuntimeStatus is WorkflowRuntimeStatus.Completed or WorkflowRuntimeStatus.Failed or WorkflowRuntimeStatus.Terminated;

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt => _state?.CreatedTimestamp?.ToDateTimeOffset() ?? default;

    /// <summary>When it last got on.</summary>
    public DateTimeOffset LastUpdatedAt => _state?.LastUpdatedTimestamp?.ToDateTimeOffset() ?? default;

    /// <summary>Where it is in its life.</summary>
    public WorkflowRuntimeStatus RuntimeStatus => _state is not null && Enum.IsDefined((WorkflowRuntimeStatus)_state.WorkflowStatus)
        ? (WorkflowRuntimeStatus)_state.WorkflowStatus
        : WorkflowRuntimeStatus.Unknown;

    /// <summary>Why it failed, if it did.</summary>
    public WorkflowTaskFailureDetails? FailureDetails => _state?.FailureDetails is { } details ? Failures.FromWire(details) : null;

    /// <summary>Reads its input; the default when there is none, or when it was not asked for.</summary>
    /// <typeparam name="T">The input's type.</typeparam>
    public T? ReadInputAs<T>() => Read<T>(_state?.Input);

    /// <summary>Reads its output; the default when there is none, or when it was not asked for.</summary>
    /// <typeparam name="T">The output's type.</typeparam>
    public T? ReadOutputAs<T>() => Read<T>(_state?.Output);

    /// <summary>Reads its custom status; the default when there is none, or when it was not asked for.</summary>
    /// <typeparam name="T">The custom status' type.</typeparam>
    public T? ReadCustomStatusAs<T>() => Read<T>(_state?.CustomStatus);

    private T? Read<T>(string? json) => string.IsNullOrEmpty(json) ? default : _serializer.Deserialize<T>(json);
}
