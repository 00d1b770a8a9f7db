using Dapr.Common;
using Dapr.Common.Serialization;
using Dapr.Workflow.Client;
using Dapr.Workflow.Protocol;
using Dapr.Workflow.Registration;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Dapr.Workflow;

/// <summary>
/// Starts and manages workflow instances through the sidecar. Errors of the sidecar come as <see cref="RpcException"/>: AlreadyExists, for example, when
/// an instance of that id has not ended yet.
/// </summary>
public sealed class DaprWorkflowClient : IDaprWorkflowClient, IDaprClient
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly SidecarConnection _sidecar;
    private readonly IDaprSerializer _serializer;
    private readonly TimeProvider _time;
    private readonly bool _ownsConnection;

    internal DaprWorkflowClient(SidecarConnection sidecar, IDaprSerializer serializer, TimeProvider time, bool ownsConnection)
    {
        _sidecar = sidecar;
        _serializer = serializer;
        _time = time;
        _ownsConnection = ownsConnection;
    }

    /// <inheritdoc/>
    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, (DateTimeOffset?)null);

    /// <inheritdoc/>
    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, startTime is { } at ? new DateTimeOffset(at) : (DateTimeOffset?)null);

    /// <inheritdoc/>
    public async Task<string> ScheduleNewWorkflowAsync(
        string name, string? instanceId, object? input, DateTimeOffset? startTime, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var request = new CreateInstanceRequest
        {
            Name = name,
            InstanceId = string.IsNullOrWhiteSpace(instanceId) ? Guid.NewGuid().ToString() : instanceId,
            Input = Write(input),
            ScheduledStartTimestamp = startTime?.ToTimestamp(),
        };
        if (System.Diagnostics.Activity.Current is { IdFormat: System.Diagnostics.ActivityIdFormat.W3C, Id: { } traceParent } trace)
        {
            request.ParentTraceContext = new TraceContext { TraceParent = traceParent, TraceState = trace.TraceStateString };
        }

        var response = await _sidecar.Service.StartInstanceAsync(request, _sidecar.Call(cancellation));
        return response.InstanceId;
    }

    /// <summary>Asks for an instance's state; of an unknown one, <see cref="WorkflowState.Exists"/> is false.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="getInputsAndOutputs">Whether input, output and custom status come along.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<WorkflowState> GetWorkflowStateAsync(
        string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        Read(await _sidecar.Service.GetInstanceAsync(Ask(instanceId, getInputsAndOutputs), _sidecar.Call(cancellation)));

    /// <inheritdoc/>
    async Task<WorkflowState?> IDaprWorkflowClient.GetWorkflowStateAsync(
        string instanceId, bool getInputsAndOutputs, CancellationToken cancellation) =>
        await GetWorkflowStateAsync(instanceId, getInputsAndOutputs, cancellation);

    /// <inheritdoc/>
    public Task<WorkflowState> WaitForWorkflowStartAsync(
        string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        WaitAsync(Ask(instanceId, getInputsAndOutputs), (ask, call) => _sidecar.Service.WaitForInstanceStartAsync(ask, call), cancellation);

    /// <inheritdoc/>
    public Task<WorkflowState> WaitForWorkflowCompletionAsync(
        string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        WaitAsync(Ask(instanceId, getInputsAndOutputs), (ask, call) => _sidecar.Service.WaitForInstanceCompletionAsync(ask, call), cancellation);

    /// <inheritdoc/>
    public async Task RaiseEventAsync(
        string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        var request = new RaiseEventRequest { InstanceId = instanceId, Name = eventName, Input = Write(eventPayload) };
        await _sidecar.Service.RaiseEventAsync(request, _sidecar.Call(cancellation));
    }

    /// <inheritdoc/>
    public async Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        var request = new TerminateRequest { InstanceId = instanceId, Output = Write(output), Recursive = true };
        await _sidecar.Service.TerminateInstanceAsync(request, _sidecar.Call(cancellation));
    }

    /// <inheritdoc/>
    public async Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        var request = new SuspendRequest { InstanceId = instanceId, Reason = reason ?? "" };
        await _sidecar.Service.SuspendInstanceAsync(request, _sidecar.Call(cancellation));
    }

    /// <inheritdoc/>
    public async Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        var request = new ResumeRequest { InstanceId = instanceId, Reason = reason ?? "" };
        await _sidecar.Service.ResumeInstanceAsync(request, _sidecar.Call(cancellation));
    }

    /// <inheritdoc/>
    public async Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        var request = new PurgeInstancesRequest { InstanceId = instanceId, Recursive = true };
        var response = await _sidecar.Service.PurgeInstancesAsync(request, _sidecar.Call(cancellation));
        return response.DeletedInstanceCount > 0;
    }

    /// <summary>Lists instance ids, a page at a time.</summary>
    /// <param name="continuationToken">That of the page before; null: the first page.</param>
    /// <param name="pageSize">Ids in a page; null: as many as the sidecar likes.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<WorkflowInstancePage> ListInstanceIdsAsync(
        string? continuationToken = null, int? pageSize = null, CancellationToken cancellation = default)
    {
        var request = new ListInstanceIDsRequest();
        if (pageSize is { } size)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(pageSize));
            request.PageSize = (uint)size;
        }

        if (continuationToken is not null)
        {
            request.ContinuationToken = continuationToken;
        }

        var response = await _sidecar.Service.ListInstanceIDsAsync(request, _sidecar.Call(cancellation));
        return new WorkflowInstancePage([.. response.InstanceIds], response.HasContinuationToken ? response.ContinuationToken : null);
    }

    /// <summary>Reads what has happened in an instance, oldest first.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<IReadOnlyList<WorkflowHistoryEvent>> GetInstanceHistoryAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        var request = new GetInstanceHistoryRequest { InstanceId = instanceId };
        var response = await _sidecar.Service.GetInstanceHistoryAsync(request, _sidecar.Call(cancellation));
        return [.. response.Events.Select(e => new WorkflowHistoryEvent(e.EventId, TypeOf(e), e.Timestamp?.ToDateTime() ?? default))];
    }

    /// <summary>Runs a workflow again from an event of its history, as a new instance.</summary>
    /// <param name="sourceInstanceId">The instance whose history it is.</param>
    /// <param name="eventId">The event: an activity, a timer or a child workflow.</param>
    /// <param name="options">The new instance's id, and another input.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The new instance's id.</returns>
    public async Task<string> RerunWorkflowFromEventAsync(
        string sourceInstanceId, uint eventId, RerunWorkflowFromEventOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sourceInstanceId);
        var request = new RerunWorkflowFromEventRequest { SourceInstanceID = sourceInstanceId, EventID = eventId };
        if (options?.NewInstanceId is { } newInstanceId)
        {
            request.NewInstanceID = newInstanceId;
        }

        if (options is { OverwriteInput: true })
        {
            request.OverwriteInput = true;
            request.Input = Write(options.Input);
        }

        var response = await _sidecar.Service.RerunWorkflowFromEventAsync(request, _sidecar.Call(cancellation));
        return response.NewInstanceID;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsConnection)
        {
            _sidecar.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static GetInstanceRequest Ask(string instanceId, bool getInputsAndOutputs)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        return new GetInstanceRequest { InstanceId = instanceId, GetInputsAndOutputs = getInputsAndOutputs };
    }

    private static WorkflowHistoryEventType TypeOf(HistoryEvent e) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.ExecutionStarted => WorkflowHistoryEventType.ExecutionStarted,
        HistoryEvent.EventTypeOneofCase.ExecutionCompleted => WorkflowHistoryEventType.ExecutionCompleted,
        HistoryEvent.EventTypeOneofCase.ExecutionTerminated => WorkflowHistoryEventType.ExecutionTerminated,
        HistoryEvent.EventTypeOneofCase.TaskScheduled => WorkflowHistoryEventType.TaskScheduled,
        HistoryEvent.EventTypeOneofCase.TaskCompleted => WorkflowHistoryEventType.TaskCompleted,
        HistoryEvent.EventTypeOneofCase.TaskFailed => WorkflowHistoryEventType.TaskFailed,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated => WorkflowHistoryEventType.SubOrchestrationInstanceCreated,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => WorkflowHistoryEventType.SubOrchestrationInstanceCompleted,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => WorkflowHistoryEventType.SubOrchestrationInstanceFailed,
        HistoryEvent.EventTypeOneofCase.TimerCreated => WorkflowHistoryEventType.TimerCreated,
        HistoryEvent.EventTypeOneofCase.TimerFired => WorkflowHistoryEventType.TimerFired,
        HistoryEvent.EventTypeOneofCase.WorkflowStarted => WorkflowHistoryEventType.OrchestratorStarted,
        HistoryEvent.EventTypeOneofCase.WorkflowCompleted => WorkflowHistoryEventType.OrchestratorCompleted,
        HistoryEvent.EventTypeOneofCase.EventSent => WorkflowHistoryEventType.EventSent,
        HistoryEvent.EventTypeOneofCase.EventRaised => WorkflowHistoryEventType.EventRaised,
        HistoryEvent.EventTypeOneofCase.ContinueAsNew => WorkflowHistoryEventType.ContinueAsNew,
        HistoryEvent.EventTypeOneofCase.ExecutionSuspended => WorkflowHistoryEventType.ExecutionSuspended,
        HistoryEvent.EventTypeOneofCase.ExecutionResumed => WorkflowHistoryEventType.ExecutionResumed,
        HistoryEvent.EventTypeOneofCase.ExecutionStalled => WorkflowHistoryEventType.ExecutionStalled,
        HistoryEvent.EventTypeOneofCase.DetachedWorkflowInstanceCreated => WorkflowHistoryEventType.DetachedWorkflowInstanceCreated,
        _ => WorkflowHistoryEventType.Unknown,
    };

    // A wait outlives a sidecar that restarts: the call is made again until there is an answer.
    private async Task<WorkflowState> WaitAsync(
        GetInstanceRequest request,
        Func<GetInstanceRequest, CallOptions, AsyncUnaryCall<GetInstanceResponse>> ask,
        CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                using var call = ask(request, _sidecar.Call(cancellation));
                var state = Read(await call);
                return state.Exists ? state : throw new InvalidOperationException($"There is no workflow instance '{request.InstanceId}'.");
            }
            catch (RpcException away) when (away.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                await Task.Delay(pause, _time, cancellation);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private WorkflowState Read(GetInstanceResponse response) => new(response.Exists ? response.WorkflowState : null, _serializer);

    private string Write(object? value) => value is null ? "" : _serializer.Serialize(value, value.GetType());
}
