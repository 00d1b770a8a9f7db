using Dapr.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

internal sealed partial class TurnContext
{
    // A pause that grows without a cap stays within what a timer can hold.
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(3650);

    /// <inheritdoc/>
    public override Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        EnsureHere();
        var json = Serialize(input);
        return options?.RetryPolicy is { } policy
            ? CallWithRetriesAsync(policy, () => CallActivity<T>(name, json, options))
            : CallActivity<T>(name, json, options).Task;
    }

    /// <inheritdoc/>
    public override Task<TResult> CallChildWorkflowAsync<TResult>(
        string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(workflowName);
        EnsureHere();
        var json = Serialize(input);
        return options?.RetryPolicy is { } policy
            ? CallWithRetriesAsync(policy, () => CallChild<TResult>(workflowName, json, options))
            : CallChild<TResult>(workflowName, json, options).Task;
    }

    private static bool MayRetry(WorkflowRetryPolicy policy, int attempt, TimeSpan elapsed, WorkflowTaskFailedException failure) =>
        attempt < policy.MaxNumberOfAttempts
        && (policy.RetryTimeout == Timeout.InfiniteTimeSpan || elapsed < policy.RetryTimeout)
        && Failures.IsRetriable(failure);

    private static TimeSpan PauseAfter(WorkflowRetryPolicy policy, int attempt)
    {
        var ticks = policy.FirstRetryInterval.Ticks * Math.Pow(policy.BackoffCoefficient, attempt - 1);
        var cap = policy.MaxRetryInterval is { } max && max < LongestPause ? max : LongestPause;
        return ticks < cap.Ticks ? TimeSpan.FromTicks((long)ticks) : cap;
    }

    private Call<T> CallActivity<T>(string name, string input, WorkflowTaskOptions? options)
    {
        var id = _nextId++;
        var executionId = MakeGuid("task", id).ToString();
        var task = new ScheduleTaskAction { Name = name, Input = input, TaskExecutionId = executionId };
        if (options is { PropagationScope: not HistoryPropagationScope.None })
        {
            task.HistoryPropagationScope = (Protocol.HistoryPropagationScope)options.PropagationScope;
        }

        Pending.Add(new WorkflowAction { Id = id, ScheduleTask = task, Router = RouterOf(options) });
        return new(Open<T>(id, name), timer => timer.ActivityRetry = new TimerOriginActivityRetry { TaskExecutionId = executionId });
    }

    private Call<T> CallChild<T>(string name, string input, ChildWorkflowTaskOptions? options)
    {
        var id = _nextId++;
        // The sidecar makes the same id where none is given; here it is known to the retry timer too.
        var child = options?.InstanceId ?? $"{InstanceId}:{id:x4}";
        var create = new CreateChildWorkflowAction { InstanceId = child, Name = name, Input = input };
        if (options is { PropagationScope: not HistoryPropagationScope.None })
        {
            create.HistoryPropagationScope = (Protocol.HistoryPropagationScope)options.PropagationScope;
        }

        Pending.Add(new WorkflowAction { Id = id, CreateChildWorkflow = create, Router = RouterOf(options) });
        return new(Open<T>(id, name), timer => timer.ChildWorkflowRetry = new TimerOriginChildWorkflowRetry { InstanceId = child });
    }

    private async Task<T> CallWithRetriesAsync<T>(WorkflowRetryPolicy policy, Func<Call<T>> begin)
    {
        var firstAt = _now;
        for (var attempt = 1; ; attempt++)
        {
            var call = begin();
            try
            {
                return await call.Task;
            }
            catch (WorkflowTaskFailedException failure) when (MayRetry(policy, attempt, _now - firstAt, failure))
            {
                await StartTimer(_now + PauseAfter(policy, attempt), call.MarkRetryTimer).Task;
            }
        }
    }

    private Task<T> Open<T>(int id, string name)
    {
        var waiter = new Waiter<T>(name, serializer);
        _open.Add(id, waiter);
        return waiter.Task;
    }

    private static TaskRouter? RouterOf(WorkflowTaskOptions? options) =>
        string.IsNullOrEmpty(options?.TargetAppId) ? null : new TaskRouter { TargetAppID = options.TargetAppId };

    private readonly record struct Call<T>(Task<T> Task, Action<CreateTimerAction> MarkRetryTimer);
}
