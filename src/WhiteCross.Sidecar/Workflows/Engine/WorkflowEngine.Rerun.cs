using System.Globalization;
using Dapr.Workflow.Protocol;
using WhiteCross.Sidecar.Workflows.Storage;

namespace WhiteCross.Sidecar.Workflows.Engine;

public sealed partial class WorkflowEngine
{
    /// <summary>
    /// Makes a new instance with the history of one that has ended, up to an activity, a timer or a child workflow, which happens again; so does what had not
    /// come to an end by then. Refusals are daprd's, by kind and in words.
    /// </summary>
    internal async Task<string> RerunAsync(RerunWorkflowFromEventRequest request, CancellationToken cancellationToken)
    {
        var source = request.SourceInstanceID;
        if (source.Length == 0)
        {
            throw new WorkflowException(WorkflowRefusal.Invalid, "rerun workflow source instance ID is required");
        }

        var id = request.HasNewInstanceID ? request.NewInstanceID : Guid.NewGuid().ToString();
        if (id == source)
        {
            throw new WorkflowException(WorkflowRefusal.Invalid, "rerun workflow instance ID must be different from the original instance ID");
        }

        await HostedAsync(cancellationToken);
        using var entered = await EnterAsync(cancellationToken);
        if (await FindLiveAsync(source, cancellationToken) is not null)
        {
            throw new WorkflowException(WorkflowRefusal.Invalid, $"'{source}' is not in a terminal state");
        }

        var ended = await _store.LoadAsync(source, cancellationToken)
            ?? throw new WorkflowException(WorkflowRefusal.NotFound, $"workflow instance does not exist with ID '{source}'");
        var history = RerunHistory.Of([.. ended.History.Select(HistoryEvent.Parser.ParseFrom)], request);
        if ((await FindAsync(id, cancellationToken)).State is not null)
        {
            throw new WorkflowException(WorkflowRefusal.AlreadyExists, $"workflow '{id}' has already been created");
        }

        var change = new EngineTransaction(_time.GetUtcNow());
        var draft = change.Change(NewInstance(change, id, WorkflowState.Parser.ParseFrom(ended.State), history.Kept));
        draft.ClearsHistory = true;
        draft.History.AddRange(history.Kept);
        foreach (var again in history.Again)
        {
            await BeginOnceMoreAsync(change, draft, again, cancellationToken);
        }

        await CommitAsync(change);
        return id;
    }

    private static LiveInstance NewInstance(EngineTransaction change, string id, WorkflowState source, IReadOnlyList<HistoryEvent> kept)
    {
        var executionId = Guid.NewGuid().ToString();
        var started = kept.First(e => e.ExecutionStarted is not null).ExecutionStarted;
        started.WorkflowInstance = new WorkflowInstance { InstanceId = id, ExecutionId = executionId };
        started.ParentInstance = null; // Nobody waits for this one.
        var state = new WorkflowState
        {
            InstanceId = id,
            Name = source.Name,
            Version = source.Version,
            Input = started.Input,
            ExecutionId = executionId,
            WorkflowStatus = OrchestrationStatus.Running,
            CreatedTimestamp = change.Now,
            StartedAt = change.Now,
        };
        state.Tags.Add(source.Tags);
        return new LiveInstance(state);
    }

    private async Task BeginOnceMoreAsync(EngineTransaction change, Draft draft, HistoryEvent again, CancellationToken cancellationToken)
    {
        var (instance, id) = (draft.Instance, again.EventId);
        again.Timestamp = change.Now;
        if (again.TaskScheduled is { } task)
        {
            change.Afterwards(() => AddActivity(instance, id, task));
        }
        else if (again.TimerCreated is { } timer)
        {
            change.Afterwards(() => StartTimer(instance, id, timer.FireAt));
        }
        else if (again.ChildWorkflowInstanceCreated is { } child)
        {
            var action = new WorkflowAction
            {
                Id = id,
                CreateChildWorkflow = new CreateChildWorkflowAction { InstanceId = child.InstanceId, Name = child.Name, Version = child.Version, Input = child.Input },
            };
            var begun = await BeginChildAsync(change, instance, action, cancellationToken);
            begun.RerunParentInstanceInfo = child.RerunParentInstanceInfo;
            again.ChildWorkflowInstanceCreated = begun;
        }

        draft.History.Add(again);
    }

    /// <summary>The history of an instance that has ended, as far as another one takes it over.</summary>
    /// <param name="Kept">What stays as it happened.</param>
    /// <param name="Again">What happens once more: what the instance is rerun from, and what had begun before that and not come to an end.</param>
    private sealed record RerunHistory(IReadOnlyList<HistoryEvent> Kept, IReadOnlyList<HistoryEvent> Again)
    {
        /// <exception cref="WorkflowException">Nothing of that history can be rerun from there.</exception>
        public static RerunHistory Of(IReadOnlyList<HistoryEvent> history, RerunWorkflowFromEventRequest request)
        {
            var targetId = unchecked((int)request.EventID);
            var place = history.ToList().FindIndex(e => e.EventId == targetId);
            if (place < 0)
            {
                throw new WorkflowException(WorkflowRefusal.NotFound, string.Create(CultureInfo.InvariantCulture, $"does not have history event with ID '{targetId}'"));
            }

            var before = history.Take(place).ToList();
            var answered = before.Select(EndedBy).OfType<int>().ToHashSet();
            var unfinished = before.Where(e => IsWork(e) && !answered.Contains(e.EventId)).ToList();
            foreach (var child in unfinished.Select(e => e.ChildWorkflowInstanceCreated).Where(child => child is not null))
            {
                child.InstanceId = string.Empty; // Named after its new parent.
            }

            return new RerunHistory([.. before.Except(unfinished)], [.. unfinished, TargetOf(history[place], request)]);
        }

        private static HistoryEvent TargetOf(HistoryEvent target, RerunWorkflowFromEventRequest request)
        {
            var from = new RerunParentInstanceInfo { InstanceID = request.SourceInstanceID };
            switch (target.EventTypeCase)
            {
                case HistoryEvent.EventTypeOneofCase.TaskScheduled:
                    Refuse(request.HasNewChildWorkflowInstanceID, "cannot set new child workflow instance ID on activity event", target);
                    target.TaskScheduled.RerunParentInstanceInfo = from;
                    target.TaskScheduled.Input = request.OverwriteInput ? request.Input : target.TaskScheduled.Input;
                    return target;
                case HistoryEvent.EventTypeOneofCase.TimerCreated:
                    Refuse(request.OverwriteInput, "cannot write input to timer event", target);
                    Refuse(request.HasNewChildWorkflowInstanceID, "cannot set new child workflow instance ID on timer event", target);
                    target.TimerCreated.RerunParentInstanceInfo = from;
                    return target;
                case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated:
                    var child = target.ChildWorkflowInstanceCreated;
                    child.RerunParentInstanceInfo = from;
                    child.InstanceId = request.HasNewChildWorkflowInstanceID ? request.NewChildWorkflowInstanceID : string.Empty;
                    child.Input = request.OverwriteInput ? request.Input : child.Input;
                    return target;
                default:
                    throw new WorkflowException(
                        WorkflowRefusal.NotFound,
                        string.Create(CultureInfo.InvariantCulture, $"target event '{target.EventTypeCase}' with ID '{target.EventId}' is not an event that can be rerun"));
            }
        }

        private static void Refuse(bool isAsked, string what, HistoryEvent target)
        {
            if (isAsked)
            {
                throw new WorkflowException(WorkflowRefusal.Invalid, string.Create(CultureInfo.InvariantCulture, $"{what} '{target.EventId}'"));
            }
        }

        private static bool IsWork(HistoryEvent e) => e.TaskScheduled is not null || e.TimerCreated is not null || e.ChildWorkflowInstanceCreated is not null;

        private static int? EndedBy(HistoryEvent e) => e.EventTypeCase switch
        {
            HistoryEvent.EventTypeOneofCase.TaskCompleted => e.TaskCompleted.TaskScheduledId,
            HistoryEvent.EventTypeOneofCase.TaskFailed => e.TaskFailed.TaskScheduledId,
            HistoryEvent.EventTypeOneofCase.TimerFired => e.TimerFired.TimerId,
            HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => e.ChildWorkflowInstanceCompleted.TaskScheduledId,
            HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => e.ChildWorkflowInstanceFailed.TaskScheduledId,
            _ => null,
        };
    }
}
