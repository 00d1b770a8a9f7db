using Dapr.Workflow.Protocol;

namespace WhiteCross.Sidecar.Workflows.Engine;

/// <content>How instances begin, begin again and end, and what their parents and children are told of it.</content>
public sealed partial class WorkflowEngine
{
    private async Task<bool> TryBeginAsync(EngineTransaction change, string id, ExecutionStartedEvent started, CancellationToken cancellationToken)
    {
        if (change.Find(id) is not null || await FindLiveAsync(id, cancellationToken) is not null)
        {
            return false;
        }

        // One that has ended gives way, but not while its children go on: they would report to the new one.
        var ended = await _store.LoadAsync(id, cancellationToken);
        if (ended is not null && ChildrenOf(ended).Any(_live.ContainsKey))
        {
            return false;
        }

        var executionId = Guid.NewGuid().ToString();
        started.WorkflowInstance = new WorkflowInstance { InstanceId = id, ExecutionId = executionId };
        var state = new WorkflowState
        {
            InstanceId = id,
            Name = started.Name,
            Version = started.Version,
            Input = started.Input,
            ExecutionId = executionId,
            WorkflowStatus = OrchestrationStatus.Pending,
            CreatedTimestamp = change.Now,
            ScheduledStartTimestamp = started.ScheduledStartTimestamp,
            ParentInstanceId = started.ParentInstance?.WorkflowInstance.InstanceId,
        };
        state.Tags.Add(started.Tags);
        var instance = new LiveInstance(state) { Version = ended?.Version ?? 0 };
        change.Change(instance).ClearsHistory = true;
        change.Deliver(instance, new HistoryEvent { ExecutionStarted = started });
        change.Afterwards(() => StartLater(instance));
        return true;
    }

    private async Task<ChildWorkflowInstanceCreatedEvent> BeginChildAsync(
        EngineTransaction change, LiveInstance parent, WorkflowAction action, CancellationToken cancellationToken)
    {
        var child = action.CreateChildWorkflow;
        var id = child.InstanceId.Length > 0 ? child.InstanceId : $"{parent.Id}:{action.Id:x4}";
        var failure = OtherApp(action.Router ?? child.Router);
        if (failure is null)
        {
            var started = new ExecutionStartedEvent
            {
                Name = child.Name,
                Version = child.Version,
                Input = child.Input,
                ParentTraceContext = TraceOf(parent),
                ParentInstance = new ParentInstanceInfo
                {
                    TaskScheduledId = action.Id,
                    Name = parent.State.Name,
                    WorkflowInstance = new WorkflowInstance { InstanceId = parent.Id, ExecutionId = parent.State.ExecutionId },
                },
            };
            failure = await TryBeginAsync(change, id, started, cancellationToken)
                ? null
                : new TaskFailureDetails { ErrorType = "AlreadyExists", ErrorMessage = $"Workflow instance '{id}' exists and has not ended." };
        }

        if (failure is not null)
        {
            change.Deliver(parent, new HistoryEvent
            {
                ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = action.Id, FailureDetails = failure },
            });
        }

        return new ChildWorkflowInstanceCreatedEvent { InstanceId = id, Name = child.Name, Version = child.Version, Input = child.Input };
    }

    // Everything of the old generation goes, what was called in this turn included; what came from outside meanwhile stays.
    private void BeginAgain(EngineTransaction change, Draft draft, CompleteWorkflowAction again)
    {
        var instance = draft.Instance;
        var old = instance.History.Concat(draft.History).First(e => e.ExecutionStarted is not null).ExecutionStarted;
        var executionId = Guid.NewGuid().ToString();
        var started = old.Clone();
        started.Input = again.Result;
        started.WorkflowInstance.ExecutionId = executionId;

        draft.State.Input = again.Result;
        draft.State.ExecutionId = executionId;
        draft.ClearsHistory = true;
        draft.History.Clear();
        var meanwhile = instance.Inbox.Skip(draft.TakesFromInbox).Where(IsFromOutside).ToList();
        draft.TakesFromInbox = instance.Inbox.Count;
        change.Deliver(instance, new HistoryEvent { ExecutionStarted = started });
        draft.Inbox.AddRange(again.CarryoverEvents);
        draft.Inbox.AddRange(meanwhile);
        change.Afterwards(() =>
        {
            instance.StopTimers();
            DropActivities(instance);
        });
    }

    private async Task TerminateAsync(EngineTransaction change, Draft draft, ExecutionTerminatedEvent terminated, CancellationToken cancellationToken)
    {
        if (!draft.IsOver)
        {
            draft.History.Add(new HistoryEvent
            {
                Timestamp = change.Now,
                ExecutionCompleted = new ExecutionCompletedEvent { WorkflowStatus = OrchestrationStatus.Terminated, Result = terminated.Input },
            });
            await EndAsync(change, draft, OrchestrationStatus.Terminated, terminated.Input, null, cancellationToken);
        }

        // Whatever the worker made of it, the output is the one that was asked for.
        if (draft.State.WorkflowStatus == OrchestrationStatus.Terminated)
        {
            draft.State.Output = terminated.Input;
        }

        if (!terminated.Recurse)
        {
            return;
        }

        foreach (var e in draft.Instance.History.Concat(draft.History).Where(e => e.ChildWorkflowInstanceCreated is not null).ToList())
        {
            if (await FindWithinAsync(change, e.ChildWorkflowInstanceCreated.InstanceId, cancellationToken) is { } child)
            {
                change.Deliver(child, new HistoryEvent { ExecutionTerminated = terminated.Clone() });
            }
        }
    }

    private async Task EndAsync(
        EngineTransaction change,
        Draft draft,
        OrchestrationStatus status,
        string? output,
        TaskFailureDetails? failure,
        CancellationToken cancellationToken)
    {
        draft.State.WorkflowStatus = status;
        draft.State.Output = output;
        draft.State.FailureDetails = failure;
        draft.State.CompletedTimestamp = change.Now;
        // A parent that has begun again, or ended, does not wait for this any more.
        if (draft.Instance.Parent is not { } info
            || await FindWithinAsync(change, info.WorkflowInstance.InstanceId, cancellationToken) is not { } parent
            || parent.State.ExecutionId != info.WorkflowInstance.ExecutionId)
        {
            return;
        }

        change.Deliver(parent, status == OrchestrationStatus.Completed
            ? new HistoryEvent
            {
                ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = info.TaskScheduledId, Result = output },
            }
            : new HistoryEvent
            {
                ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent
                {
                    TaskScheduledId = info.TaskScheduledId,
                    FailureDetails = failure ?? new TaskFailureDetails { ErrorType = "Terminated", ErrorMessage = "The child workflow was terminated." },
                },
            });
    }

    private async Task<LiveInstance?> FindWithinAsync(EngineTransaction change, string id, CancellationToken cancellationToken) =>
        change.Find(id) is { } draft ? (draft.IsOver ? null : draft.Instance) : await FindLiveAsync(id, cancellationToken);

    private static bool IsFromOutside(HistoryEvent e) => e.EventTypeCase
        is HistoryEvent.EventTypeOneofCase.EventRaised
        or HistoryEvent.EventTypeOneofCase.ExecutionSuspended
        or HistoryEvent.EventTypeOneofCase.ExecutionResumed
        or HistoryEvent.EventTypeOneofCase.ExecutionTerminated;
}
