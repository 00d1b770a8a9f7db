using Dapr.Workflow.Protocol;

namespace WhiteCross.Sidecar.Workflows.Engine;

/// <content>What a worker's answer to a turn makes of an instance.</content>
public sealed partial class WorkflowEngine
{
    /// <summary>A worker has run a turn.</summary>
    internal async Task CompleteTurnAsync(WorkflowResponse response, CancellationToken cancellationToken)
    {
        using var entered = await EnterAsync(cancellationToken);
        var instance = await FindLiveAsync(response.InstanceId, cancellationToken);
        if (instance?.Turn is not { } turn)
        {
            throw new WorkflowException(WorkflowRefusal.NotFound, $"Nobody waits for a turn of instance '{response.InstanceId}'.");
        }

        var change = new EngineTransaction(_time.GetUtcNow());
        try
        {
            await ApplyAsync(change, instance, turn, response, cancellationToken);
        }
        catch
        {
            // An answer that cannot be used leaves the turn due.
            Suspect(change);
            throw;
        }

        change.Afterwards(() =>
        {
            instance.Turn = null;
            _queue.Return(instance);
        });
        await CommitAsync(change);
    }

    private async Task ApplyAsync(
        EngineTransaction change, LiveInstance instance, GivenTurn turn, WorkflowResponse response, CancellationToken cancellationToken)
    {
        var draft = change.Change(instance);
        if (Patches.MismatchOf(instance.History, response) is { } mismatch)
        {
            // Nothing of the turn counts; what has happened stays in the inbox for a worker of the other version.
            Stall(change, draft, StalledReason.PatchMismatch, mismatch);
            return;
        }

        // What a worker says that cannot replay the history with its code.
        if (response.Actions.FirstOrDefault(action => action.CompleteWorkflow?.WorkflowStatus == OrchestrationStatus.Stalled)?.CompleteWorkflow is { } stalled)
        {
            Stall(change, draft, StalledReason.PatchMismatch, stalled.Details);
            return;
        }

        if (response.Version is { } version)
        {
            turn.Events[0].WorkflowStarted.Version = Patches.WithoutKnown(instance.History, version);
        }

        draft.TakesFromInbox = turn.InboxCount;
        draft.History.AddRange(turn.Events);
        draft.State.CustomStatus = response.CustomStatus;
        draft.State.StartedAt ??= change.Now;
        draft.State.WorkflowStatus = turn.Events.LastOrDefault(e => e.ExecutionSuspended is not null || e.ExecutionResumed is not null) switch
        {
            { ExecutionSuspended: not null } => OrchestrationStatus.Suspended,
            null when draft.State.WorkflowStatus == OrchestrationStatus.Suspended => OrchestrationStatus.Suspended,
            _ => OrchestrationStatus.Running,
        };

        var terminated = turn.Events.FirstOrDefault(e => e.ExecutionTerminated is not null)?.ExecutionTerminated;
        if (terminated is null && response.Actions.FirstOrDefault(IsContinuation)?.CompleteWorkflow is { } again)
        {
            BeginAgain(change, draft, again);
            return;
        }

        var ids = new HashSet<int>(instance.ActionIds);
        foreach (var action in response.Actions)
        {
            if (action.CompleteWorkflow is null && !ids.Add(action.Id))
            {
                await EndAsync(change, draft, OrchestrationStatus.Failed, null, NotDeterministic(action.Id), cancellationToken);
                return;
            }

            await ApplyAsync(change, draft, action, cancellationToken);
        }

        if (terminated is not null)
        {
            await TerminateAsync(change, draft, terminated, cancellationToken);
        }
    }

    private async Task ApplyAsync(EngineTransaction change, Draft draft, WorkflowAction action, CancellationToken cancellationToken)
    {
        var instance = draft.Instance;
        var recorded = new HistoryEvent { EventId = action.Id, Timestamp = change.Now };
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                var task = action.ScheduleTask;
                recorded.TaskScheduled = new TaskScheduledEvent
                {
                    Name = task.Name,
                    Version = task.Version,
                    Input = task.Input,
                    TaskExecutionId = task.TaskExecutionId,
                    ParentTraceContext = TraceOf(instance),
                };
                if (OtherApp(action.Router ?? task.Router) is { } app)
                {
                    change.Deliver(instance, new HistoryEvent { TaskFailed = new TaskFailedEvent { TaskScheduledId = action.Id, FailureDetails = app } });
                }
                else
                {
                    change.Afterwards(() => AddActivity(instance, action.Id, recorded.TaskScheduled));
                }

                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                recorded.TimerCreated = TimerOf(action.CreateTimer);
                change.Afterwards(() => StartTimer(instance, action.Id, action.CreateTimer.FireAt));
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                recorded.ChildWorkflowInstanceCreated = await BeginChildAsync(change, instance, action, cancellationToken);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.SendEvent:
                var sent = action.SendEvent;
                recorded.EventSent = new EventSentEvent { InstanceId = sent.Instance.InstanceId, Name = sent.Name, Input = sent.Data };
                if (await FindWithinAsync(change, sent.Instance.InstanceId, cancellationToken) is { } target)
                {
                    change.Deliver(target, new HistoryEvent { EventRaised = new EventRaisedEvent { Name = sent.Name, Input = sent.Data } });
                }

                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.TerminateWorkflow:
                var end = action.TerminateWorkflow;
                if (await FindWithinAsync(change, end.InstanceId, cancellationToken) is { } other)
                {
                    change.Deliver(
                        other, new HistoryEvent { ExecutionTerminated = new ExecutionTerminatedEvent { Input = end.Reason, Recurse = end.Recurse } });
                }

                return;
            case WorkflowAction.WorkflowActionTypeOneofCase.WorkflowVersionNotAvailable:
                Stall(change, draft, StalledReason.VersionNotAvailable, null);
                return;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow:
                var complete = action.CompleteWorkflow;
                recorded.ExecutionCompleted = new ExecutionCompletedEvent
                {
                    WorkflowStatus = complete.WorkflowStatus,
                    Result = complete.Result,
                    FailureDetails = complete.FailureDetails,
                };
                draft.History.Add(recorded);
                await EndAsync(change, draft, complete.WorkflowStatus, complete.Result, complete.FailureDetails, cancellationToken);
                return;
            default:
                throw new WorkflowException(WorkflowRefusal.Invalid, $"An action of kind {action.WorkflowActionTypeCase} is not known here.");
        }

        draft.History.Add(recorded);
    }

    private static bool IsContinuation(WorkflowAction action) => action.CompleteWorkflow?.WorkflowStatus == OrchestrationStatus.ContinuedAsNew;

    private static TraceContext? TraceOf(LiveInstance instance) =>
        (instance.History.Find(e => e.ExecutionStarted is not null) ?? instance.Inbox.Find(e => e.ExecutionStarted is not null))
            ?.ExecutionStarted.ParentTraceContext;

    private static TaskFailureDetails? OtherApp(TaskRouter? router) => router is { HasTargetAppID: true }
        ? new TaskFailureDetails
        {
            ErrorType = "NotSupported",
            ErrorMessage = $"The target app '{router.TargetAppID}' is another app; the local sidecar runs only its own app's workflows. Use Dapr for this.",
            IsNonRetriable = true,
        }
        : null;

    private static TaskFailureDetails NotDeterministic(int id) => new()
    {
        ErrorType = "NonDeterministic",
        ErrorMessage = $"The worker asked for action {id} again, which the history has already: the workflow's code is not deterministic, or was changed.",
        IsNonRetriable = true,
    };

    private static TimerCreatedEvent TimerOf(CreateTimerAction timer)
    {
        var created = new TimerCreatedEvent { FireAt = timer.FireAt };
        switch (timer.OriginCase)
        {
            case CreateTimerAction.OriginOneofCase.CreateTimer:
                created.CreateTimer = timer.CreateTimer;
                break;
            case CreateTimerAction.OriginOneofCase.ExternalEvent:
                created.ExternalEvent = timer.ExternalEvent;
                break;
            case CreateTimerAction.OriginOneofCase.ActivityRetry:
                created.ActivityRetry = timer.ActivityRetry;
                break;
            case CreateTimerAction.OriginOneofCase.ChildWorkflowRetry:
                created.ChildWorkflowRetry = timer.ChildWorkflowRetry;
                break;
        }

        return created;
    }
}
