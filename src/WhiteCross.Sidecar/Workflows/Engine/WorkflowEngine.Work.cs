using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace WhiteCross.Sidecar.Workflows.Engine;

public sealed partial class WorkflowEngine
{
    // As daprd: a turn may take up this part of a message.
    private const double MessageShare = 0.95;

    /// <summary>A worker has connected. The first one may be of another version than those before: what they stalled at is tried again.</summary>
    internal async Task WorkerConnectedAsync()
    {
        bool isFirst;
        lock (_lock)
        {
            LogWorkers(++_workers);
            isFirst = _hosting.TrySetResult();
        }

        if (!isFirst)
        {
            return;
        }

        using var entered = await EnterAsync(CancellationToken.None);
        foreach (var instance in _live.Values.Where(live => live.State.WorkflowStatus == OrchestrationStatus.Stalled))
        {
            instance.State.WorkflowStatus = OrchestrationStatus.Running;
            Queue(instance);
        }
    }

    /// <summary>A worker has gone.</summary>
    internal void WorkerGone()
    {
        lock (_lock)
        {
            LogWorkers(--_workers);
            if (_workers == 0)
            {
                _hosting = NotHosting();
            }
        }
    }

    private static TaskCompletionSource NotHosting() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // As daprd: without a worker nobody hosts the app's instances, and whoever asks for one waits until there is one.
    private Task HostedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _hosting.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes the next item for a worker.</summary>
    internal async Task<GivenItem> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = await _queue.TakeAsync(cancellationToken);
            try
            {
                // Not to be cut short: what has left the queue is to be given out, or to be known as not given.
                using var entered = await EnterAsync(CancellationToken.None);
                if (await GiveAsync(next) is { } given)
                {
                    return given;
                }
            }
#pragma warning disable CA1031 // Whatever the store throws: the next item may be another's.
            catch (Exception away)
#pragma warning restore CA1031
            {
                // What could not be read or stored comes back once the store answers.
                LogStoreAway(_suspect.Count, away.GetType().Name);
            }

            _queue.Return(next);
        }
    }

    /// <summary>Whether an item is still to be answered.</summary>
    internal static bool IsOpen(GivenItem item) => item.Source switch
    {
        LiveInstance instance => instance.Turn?.Token == item.Token,
        PendingActivity activity => !activity.IsDropped && activity.Token == item.Token,
        _ => false,
    };

    /// <summary>Items whose stream is gone are given out again, as far as they were not answered.</summary>
    internal async Task GiveBackAsync(IEnumerable<GivenItem> given)
    {
        using var entered = await EnterAsync(CancellationToken.None);
        foreach (var item in given)
        {
            if (item.Source is LiveInstance instance && instance.Turn?.Token == item.Token)
            {
                instance.Turn = null;
                _queue.Return(instance);
                Queue(instance);
            }
            else if (item.Source is PendingActivity { IsDropped: false } activity && activity.Token == item.Token)
            {
                activity.Token = null;
                _queue.Return(activity);
                _queue.Add(activity);
            }
        }
    }

    /// <summary>A worker has run an activity.</summary>
    internal async Task CompleteActivityAsync(ActivityResponse response, CancellationToken cancellationToken)
    {
        using var entered = await EnterAsync(cancellationToken);
        var instance = await FindLiveAsync(response.InstanceId, cancellationToken);
        var activity = instance?.Activities.GetValueOrDefault(response.TaskId);

        // As in daprd an answer names instance and task, and goes to the latest that was given out under them: only then to an earlier generation's.
        if (activity?.Token is null && _orphans.Remove((response.InstanceId, response.TaskId), out var orphan))
        {
            orphan.IsDropped = true;
            _queue.Return(orphan);
            return;
        }

        if (instance is null || activity is null)
        {
            throw new WorkflowException(WorkflowRefusal.NotFound, $"Nobody waits for activity {response.TaskId} of instance '{response.InstanceId}'.");
        }

        var key = activity.Request.TaskExecutionId;
        var change = new EngineTransaction(_time.GetUtcNow());
        change.Deliver(instance, response.FailureDetails is null
            ? new HistoryEvent { TaskCompleted = new TaskCompletedEvent { TaskScheduledId = response.TaskId, Result = response.Result, TaskExecutionId = key } }
            : new HistoryEvent
            {
                TaskFailed = new TaskFailedEvent { TaskScheduledId = response.TaskId, FailureDetails = response.FailureDetails, TaskExecutionId = key },
            });
        change.Afterwards(() =>
        {
            instance.Activities.Remove(response.TaskId);
            activity.IsDropped = true;
            _queue.Return(activity);
        });
        await CommitAsync(change);
    }

    private async Task<GivenItem?> GiveAsync(object next)
    {
        if (next is PendingActivity activity)
        {
            if (activity.IsDropped)
            {
                return null;
            }

            activity.Token = NextToken();
            return new GivenItem(new WorkItem { ActivityRequest = activity.Request }, activity, activity.Token);
        }

        var instance = (LiveInstance)next;
        instance.IsQueued = false;
        if (!IsCurrent(instance) || instance.Turn is not null || instance.Inbox.Count == 0)
        {
            return null;
        }

        // What the store has counts, should the memory be in doubt.
        if (_suspect.Contains(instance.Id))
        {
            await FindLiveAsync(instance.Id, CancellationToken.None);
            return null;
        }

        var started = new HistoryEvent
        {
            EventId = -1,
            Timestamp = Timestamp.FromDateTimeOffset(_time.GetUtcNow()),
            WorkflowStarted = new WorkflowStartedEvent(),
        };
        var request = new WorkflowRequest { InstanceId = instance.Id, PastEvents = { instance.History }, NewEvents = { started, instance.Inbox } };
        if (request.CalculateSize() > _options.MaxMessageSize * MessageShare)
        {
            await StallAsync(instance, StalledReason.PayloadSizeExceeded, $"A turn takes {request.CalculateSize()} of {_options.MaxMessageSize} bytes.");
            return null;
        }

        instance.Turn = new GivenTurn(NextToken(), [.. request.NewEvents], instance.Inbox.Count);
        return new GivenItem(new WorkItem { WorkflowRequest = request }, instance, instance.Turn.Token);
    }

    private async Task StallAsync(LiveInstance instance, StalledReason reason, string description)
    {
        var change = new EngineTransaction(_time.GetUtcNow());
        Stall(change, change.Change(instance), reason, description);
        await CommitAsync(change);
    }

    private void Stall(EngineTransaction change, Draft draft, StalledReason reason, string? description)
    {
        LogStalled(draft.Instance.Id, reason);
        draft.State.WorkflowStatus = OrchestrationStatus.Stalled;
        var stalled = new ExecutionStalledEvent { Reason = reason };
        if (description is not null)
        {
            stalled.Description = description;
        }

        draft.History.Add(new HistoryEvent { EventId = -1, Timestamp = change.Now, ExecutionStalled = stalled });
    }

    [LoggerMessage(LogLevel.Information, "Workflow workers connected: {Count}")]
    private partial void LogWorkers(int count);

    [LoggerMessage(LogLevel.Error, "Workflow instance {InstanceId} is stalled ({Reason})")]
    private partial void LogStalled(string instanceId, StalledReason reason);
}

/// <summary>An item that was given to a worker.</summary>
/// <param name="Item">The item.</param>
/// <param name="Source">What it is about.</param>
/// <param name="Token">Tells it from an earlier giving-out. The worker does not get it: daprd 1.18 leaves its completion tokens empty.</param>
internal sealed record GivenItem(WorkItem Item, object Source, string Token);
