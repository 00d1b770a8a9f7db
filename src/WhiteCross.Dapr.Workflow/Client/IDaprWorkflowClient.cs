namespace Dapr.Workflow;

/// <summary>Starts and manages workflow instances.</summary>
public interface IDaprWorkflowClient : IAsyncDisposable
{
    /// <summary>Starts a workflow now.</summary>
    /// <param name="name">The workflow's name.</param>
    /// <param name="instanceId">The instance's id; null: a new GUID.</param>
    /// <param name="input">Its input, as JSON.</param>
    /// <returns>The instance's id.</returns>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null);

    /// <summary>Starts a workflow at a time.</summary>
    /// <param name="name">The workflow's name.</param>
    /// <param name="instanceId">The instance's id; null: a new GUID.</param>
    /// <param name="input">Its input, as JSON.</param>
    /// <param name="startTime">When; null: now. Without a kind, local time.</param>
    /// <returns>The instance's id.</returns>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime);

    /// <summary>Starts a workflow at a time.</summary>
    /// <param name="name">The workflow's name.</param>
    /// <param name="instanceId">The instance's id; null: a new GUID.</param>
    /// <param name="input">Its input, as JSON.</param>
    /// <param name="startTime">When; null: now.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The instance's id.</returns>
    Task<string> ScheduleNewWorkflowAsync(
        string name, string? instanceId, object? input, DateTimeOffset? startTime, CancellationToken cancellation = default);

    /// <summary>Asks for an instance's state.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="getInputsAndOutputs">Whether input, output and custom status come along.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<WorkflowState?> GetWorkflowStateAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Waits until an instance has begun.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="getInputsAndOutputs">Whether input, output and custom status come along.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">There is no such instance.</exception>
    Task<WorkflowState> WaitForWorkflowStartAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Waits until an instance has ended.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="getInputsAndOutputs">Whether input, output and custom status come along.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">There is no such instance.</exception>
    Task<WorkflowState> WaitForWorkflowCompletionAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Sends an event to an instance.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="eventName">The event's name.</param>
    /// <param name="eventPayload">Its payload, as JSON.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default);

    /// <summary>Ends an instance and its children. Activities that run are not stopped.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="output">The output it ends with, as JSON.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default);

    /// <summary>Pauses an instance.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Resumes a paused instance.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Deletes an instance that has ended, and its children.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Whether anything was deleted.</returns>
    Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default);
}
