using Microsoft.Extensions.Logging;

namespace Dapr.Workflow;

/// <summary>
/// What a workflow may do. Everything here is deterministic: a replay over the recorded history gets the same answers. Use it from the workflow's own
/// code only, never from another thread.
/// </summary>
public abstract class WorkflowContext : IWorkflowContext
{
    /// <summary>The workflow's name.</summary>
    public abstract string Name { get; }

    /// <summary>The instance's id.</summary>
    public abstract string InstanceId { get; }

    /// <inheritdoc/>
    public abstract DateTime CurrentUtcDateTime { get; }

    /// <inheritdoc/>
    public abstract bool IsReplaying { get; }

    /// <inheritdoc/>
    public abstract bool IsPatched(string patchName);

    /// <summary>Calls an activity whose result does not matter.</summary>
    /// <param name="name">The activity's name.</param>
    /// <param name="input">Its input, as JSON in the history.</param>
    /// <param name="options">Retries and the target app.</param>
    /// <exception cref="WorkflowTaskFailedException">The activity failed, and no retry is left.</exception>
    public virtual Task CallActivityAsync(string name, object? input = null, WorkflowTaskOptions? options = null) =>
        CallActivityAsync<object>(name, input, options);

    /// <summary>Calls an activity.</summary>
    /// <typeparam name="T">What it returns.</typeparam>
    /// <param name="name">The activity's name.</param>
    /// <param name="input">Its input, as JSON in the history.</param>
    /// <param name="options">Retries and the target app.</param>
    /// <exception cref="WorkflowTaskFailedException">The activity failed, and no retry is left.</exception>
    public abstract Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null);

    /// <summary>Waits, durably.</summary>
    /// <param name="delay">How long, counted from <see cref="CurrentUtcDateTime"/>.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    public virtual Task CreateTimer(TimeSpan delay, CancellationToken cancellationToken = default) =>
        CreateTimer(CurrentUtcDateTime.Add(delay), cancellationToken);

    /// <summary>Waits until a time, durably.</summary>
    /// <param name="fireAt">Until when, in UTC.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    public abstract Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken);

    /// <summary>
    /// Waits for an event from outside. Names match without regard to case; each event answers one wait, the oldest first; an event that nobody waits
    /// for is kept until somebody does.
    /// </summary>
    /// <typeparam name="T">The event's payload.</typeparam>
    /// <param name="eventName">The event's name.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="TaskCanceledException">The wait was ended early.</exception>
    public abstract Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default);

    /// <summary>Waits for an event from outside, but not longer than a time.</summary>
    /// <typeparam name="T">The event's payload.</typeparam>
    /// <param name="eventName">The event's name.</param>
    /// <param name="timeout">How long; negative: without end.</param>
    /// <exception cref="TaskCanceledException">The time is over.</exception>
    public virtual async Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout)
    {
        using var endTimer = new CancellationTokenSource();
        using var endWait = new CancellationTokenSource();
        var timer = CreateTimer(timeout, endTimer.Token);
        var wait = WaitForExternalEventAsync<T>(eventName, endWait.Token);

#pragma warning disable CA1849 // Cancelled in place: another thread would not be deterministic.
        if (await Task.WhenAny(wait, timer) == wait)
        {
            endTimer.Cancel();
        }
        else
        {
            endWait.Cancel();
        }
#pragma warning restore CA1849

        return await wait;
    }

    /// <summary>Sends an event to another workflow instance; an event to an unknown one is dropped.</summary>
    /// <param name="instanceId">The other instance.</param>
    /// <param name="eventName">The event's name.</param>
    /// <param name="payload">Its payload, as JSON.</param>
    public abstract void SendEvent(string instanceId, string eventName, object payload);

    /// <summary>Sets what the instance's state shows as its custom status.</summary>
    /// <param name="customStatus">The status, as JSON; null clears it.</param>
    public abstract void SetCustomStatus(object? customStatus);

    /// <summary>Runs a child workflow whose result does not matter.</summary>
    /// <param name="workflowName">The child's name.</param>
    /// <param name="input">Its input, as JSON in the history.</param>
    /// <param name="options">Its instance id, retries and the target app.</param>
    /// <exception cref="WorkflowTaskFailedException">The child failed, and no retry is left.</exception>
    public virtual Task CallChildWorkflowAsync(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null) =>
        CallChildWorkflowAsync<object>(workflowName, input, options);

    /// <summary>Runs a child workflow.</summary>
    /// <typeparam name="TResult">What it returns.</typeparam>
    /// <param name="workflowName">The child's name.</param>
    /// <param name="input">Its input, as JSON in the history.</param>
    /// <param name="options">Its instance id, retries and the target app.</param>
    /// <exception cref="WorkflowTaskFailedException">The child failed, and no retry is left.</exception>
    public abstract Task<TResult> CallChildWorkflowAsync<TResult>(
        string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null);

    /// <summary>
    /// Begins the workflow again with a new input and an empty history. Return right after it: what this turn has called besides is lost.
    /// </summary>
    /// <param name="newInput">The new input.</param>
    /// <param name="preserveUnprocessedEvents">Whether events that nobody has waited for yet go along.</param>
    public abstract void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true);

    /// <summary>A new GUID, the same on every replay.</summary>
    public abstract Guid NewGuid();

    /// <summary>A logger that is silent during replay, so that nothing is logged twice.</summary>
    /// <param name="categoryName">The category.</param>
    public abstract ILogger CreateReplaySafeLogger(string categoryName);

    /// <summary>A logger that is silent during replay, so that nothing is logged twice.</summary>
    /// <param name="type">The type whose name is the category.</param>
    public abstract ILogger CreateReplaySafeLogger(Type type);

    /// <summary>A logger that is silent during replay, so that nothing is logged twice.</summary>
    /// <typeparam name="T">The type whose name is the category.</typeparam>
    public abstract ILogger CreateReplaySafeLogger<T>();
}
