using Dapr.Workflow.Protocol;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Workflows.Engine;

public sealed partial class WorkflowEngine
{
    // The longest that a timer of the base library runs is about 49 days.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        using var entered = await EnterAsync(cancellationToken);
        foreach (var id in await _store.ListLiveAsync(cancellationToken))
        {
            if (await _store.LoadAsync(id, cancellationToken) is { } stored)
            {
                Adopt(stored);
            }
        }

        LogRecovered(_live.Count);
    }

    private async Task<LiveInstance?> FindLiveAsync(string id, CancellationToken cancellationToken) => (await FindAsync(id, cancellationToken)).Live;

    private async Task<(WorkflowState? State, LiveInstance? Live)> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (_live.TryGetValue(id, out var live) && !_suspect.Contains(id))
        {
            return (live.State, live);
        }

        var stored = await _store.LoadAsync(id, cancellationToken);
        if (live is not null)
        {
            Forget(live);
        }

        _suspect.Remove(id);
        if (stored is null)
        {
            return (null, null);
        }

        var state = WorkflowState.Parser.ParseFrom(stored.State);
        return LiveInstance.IsEnd(state.WorkflowStatus) ? (state, null) : (state, Adopt(stored));
    }

    // What the store says is under way is under way: activities without a result, timers that have not fired, a turn that is due.
    private LiveInstance Adopt(StoredInstance stored)
    {
        var instance = new LiveInstance(WorkflowState.Parser.ParseFrom(stored.State)) { Version = stored.Version };
        instance.History.AddRange(stored.History.Select(HistoryEvent.Parser.ParseFrom));
        instance.Inbox.AddRange(stored.Inbox.Select(HistoryEvent.Parser.ParseFrom));
        instance.ActionIds.UnionWith(instance.History.Where(e => e.EventId >= 0).Select(e => e.EventId));
        if (instance.State.WorkflowStatus == OrchestrationStatus.Stalled)
        {
            // What stalled it may have been put right; if not, it stalls again.
            instance.State.WorkflowStatus = OrchestrationStatus.Running;
        }

        _live[instance.Id] = instance;
        var answered = instance.History.Concat(instance.Inbox).Select(AnsweredBy).OfType<(bool IsTimer, int Id)>().ToHashSet();
        foreach (var e in instance.History)
        {
            if (e.TaskScheduled is { } task && !answered.Contains((false, e.EventId)))
            {
                AddActivity(instance, e.EventId, task);
            }
            else if (e.TimerCreated is { } timer && !answered.Contains((true, e.EventId)))
            {
                StartTimer(instance, e.EventId, timer.FireAt);
            }
        }

        StartLater(instance);
        Queue(instance);
        return instance;
    }

    private static (bool IsTimer, int Id)? AnsweredBy(HistoryEvent e) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskCompleted => (false, e.TaskCompleted.TaskScheduledId),
        HistoryEvent.EventTypeOneofCase.TaskFailed => (false, e.TaskFailed.TaskScheduledId),
        HistoryEvent.EventTypeOneofCase.TimerFired => (true, e.TimerFired.TimerId),
        _ => null,
    };

    private void Forget(LiveInstance instance)
    {
        _live.Remove(instance.Id);
        instance.StopTimers();
        DropActivities(instance);
        _queue.Return(instance);
        instance.SignalChange();
    }

    private void DropActivities(LiveInstance instance)
    {
        foreach (var activity in instance.Activities.Values)
        {
            activity.IsDropped = true;
            _queue.Return(activity);
        }

        instance.Activities.Clear();
    }

    private void AddActivity(LiveInstance instance, int id, TaskScheduledEvent task)
    {
        var activity = new PendingActivity(instance.Id, new ActivityRequest
        {
            Name = task.Name,
            Version = task.Version,
            Input = task.Input,
            TaskId = id,
            TaskExecutionId = task.TaskExecutionId,
            ParentTraceContext = task.ParentTraceContext,
            WorkflowInstance = new WorkflowInstance { InstanceId = instance.Id },
        });
        instance.Activities[id] = activity;
        _queue.Add(activity);
    }

    // A turn is due when something has happened, no turn is out, and its time has come.
    private void Queue(LiveInstance instance)
    {
        if (instance is { IsQueued: false, Turn: null, IsOver: false, StartTimer: null, Inbox.Count: > 0 }
            && instance.State.WorkflowStatus != OrchestrationStatus.Stalled)
        {
            instance.IsQueued = true;
            _queue.Add(instance);
        }
    }

    // All or nothing, first in the store and then in memory. When it is not known whether the store has it, the store is asked: before the next use,
    // and after a pause in any case, so that whatever is due then happens.
    private async Task CommitAsync(EngineTransaction change)
    {
        bool isStored;
        try
        {
            isStored = await _store.ApplyAsync([.. change.Drafts.Select(d => d.ToChange())], CancellationToken.None);
        }
        catch
        {
            Suspect(change);
            throw;
        }

        if (!isStored)
        {
            Suspect(change);
            throw new WorkflowException(
                WorkflowRefusal.Conflict, "The instance was changed by another sidecar of the same app. Run one sidecar with workflows for an app.");
        }

        foreach (var draft in change.Drafts)
        {
            // New ones, and those that begin again under an old id.
            _live[draft.Instance.Id] = draft.Instance;
        }

        change.Commit();
        foreach (var draft in change.Drafts)
        {
            if (draft.IsOver)
            {
                // They run to their end, although nobody waits any more.
                foreach (var (id, activity) in draft.Instance.Activities)
                {
                    _orphans[(draft.Instance.Id, id)] = activity;
                }

                draft.Instance.Activities.Clear();
                Forget(draft.Instance);
            }
            else
            {
                Queue(draft.Instance);
                draft.Instance.SignalChange();
            }
        }
    }

    private void Suspect(EngineTransaction change)
    {
        _suspect.UnionWith(change.Drafts.Select(d => d.Instance.Id));
        if (!_isRefreshing)
        {
            _isRefreshing = true;
            _ = RefreshAsync();
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.RetryPause, _time, _stopping.Token);
                using var entered = await EnterAsync(_stopping.Token);
                try
                {
                    foreach (var id in _suspect.ToList())
                    {
                        await FindAsync(id, _stopping.Token);
                    }

                    _isRefreshing = false;
                    return;
                }
                catch (Exception away) when (away is not OperationCanceledException)
                {
                    LogStoreAway(_suspect.Count, away.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The engine stops; the next one reads everything from the store.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The store of the workflows does not answer ({ErrorType}); {Count} instances wait for it")]
    private partial void LogStoreAway(int count, string errorType);

    [LoggerMessage(LogLevel.Information, "Workflow instances that go on: {Count}")]
    private partial void LogRecovered(int count);
}
