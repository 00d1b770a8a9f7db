using System.Collections.Concurrent;
using System.Threading.Channels;
using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace WhiteCross.Dapr.Workflow.Tests.Worker;

/// <summary>
/// The workflow engine of a sidecar, in memory: it gives out turns and activities over streams, makes answers into history, fires timers, and gives out
/// again what a lost stream had in hand.
/// </summary>
internal sealed partial class FakeSidecar(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FakeInstance> _instances = [];
    private readonly Channel<WorkItem> _work = Channel.CreateUnbounded<WorkItem>();
    private readonly List<ITimer> _timers = [];
    private readonly ConcurrentDictionary<CancellationTokenSource, bool> _streams = new();
    private TaskCompletionSource _changed = New();
    private int _streamsOpened;

    /// <summary>Metadata of the calls so far.</summary>
    public ConcurrentQueue<(string Method, Metadata Headers)> Calls { get; } = new();

    /// <summary>Activities given out, repetitions included.</summary>
    public ConcurrentQueue<ActivityRequest> GivenOut { get; } = new();

    /// <summary>Answers of activities that are taken, in order, each with the number of streams open at that time.</summary>
    public ConcurrentQueue<(ActivityResponse Response, int OpenStreams)> Answers { get; } = new();

    /// <summary>Streams opened so far.</summary>
    public int StreamsOpened => Volatile.Read(ref _streamsOpened);

    public int OpenStreams => _streams.Count;

    /// <summary>Breaks all streams, as a restart would.</summary>
    public void BreakStreams()
    {
        foreach (var stream in _streams.Keys)
        {
            stream.Cancel();
        }
    }

    /// <summary>Completes when something holds; looks again at each change.</summary>
    public async Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (holds())
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _timers.ForEach(t => t.Dispose());

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsRunnable(FakeInstance instance) => instance.Turn is null && instance.Inbox.Count > 0 && !instance.IsOver;

    private void Changed()
    {
        var changed = _changed;
        _changed = New();
        changed.SetResult();
    }

    private FakeInstance Create(string id, string name, string input, (FakeInstance, int)? parent)
    {
        if (_instances.TryGetValue(id, out var old) && !old.IsOver)
        {
            throw new RpcException(new Status(StatusCode.AlreadyExists, $"instance {id} is active"));
        }

        var instance = new FakeInstance(id, name, input, time.GetUtcNow()) { Parent = parent };
        _instances[id] = instance;
        Begin(instance);
        return instance;
    }

    private void Begin(FakeInstance instance) => Deliver(instance, new HistoryEvent
    {
        ExecutionStarted = new ExecutionStartedEvent
        {
            Name = instance.Name,
            Input = instance.Input,
            WorkflowInstance = new WorkflowInstance { InstanceId = instance.Id },
        },
    });

    private void Deliver(FakeInstance instance, HistoryEvent happened)
    {
        if (instance.IsOver)
        {
            return;
        }

        happened.EventId = -1;
        happened.Timestamp = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        instance.Inbox.Add(happened);
        GiveTurn(instance);
    }

    private void GiveTurn(FakeInstance instance)
    {
        if (!IsRunnable(instance))
        {
            return;
        }

        var started = new HistoryEvent
        {
            EventId = -1,
            Timestamp = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            WorkflowStarted = new WorkflowStartedEvent(),
        };
        instance.Turn = new WorkflowRequest { InstanceId = instance.Id, PastEvents = { instance.History }, NewEvents = { started, instance.Inbox } };
        instance.Inbox.Clear();
        _work.Writer.TryWrite(new WorkItem { WorkflowRequest = instance.Turn });
    }

    private void GiveActivity(FakeInstance instance, ActivityRequest activity)
    {
        instance.Activities[activity.TaskId] = activity;
        _work.Writer.TryWrite(new WorkItem { ActivityRequest = activity });
    }

    // What a worker answered becomes history; what it asked for happens.
    private void Apply(FakeInstance instance, WorkflowResponse response)
    {
        var turn = instance.Turn!;
        instance.Turn = null;
        instance.Updated = time.GetUtcNow();
        instance.CustomStatus = response.CustomStatus;
        if (response.Version is { } version)
        {
            turn.NewEvents[0].WorkflowStarted.Version = version;
        }

        instance.History.AddRange(turn.NewEvents);
        instance.Status = turn.NewEvents.LastOrDefault(e => e.ExecutionSuspended is not null || e.ExecutionResumed is not null) switch
        {
            { ExecutionSuspended: not null } => OrchestrationStatus.Suspended,
            null when instance.Status == OrchestrationStatus.Suspended => OrchestrationStatus.Suspended,
            _ => OrchestrationStatus.Running,
        };
        if (response.Actions.FirstOrDefault(a => a.CompleteWorkflow?.WorkflowStatus == OrchestrationStatus.ContinuedAsNew) is { } again)
        {
            instance.History.Clear();
            instance.Activities.Clear();
            instance.Input = again.CompleteWorkflow.Result;
            var kept = instance.Inbox.ToList();
            instance.Inbox.Clear();
            Begin(instance);
            instance.Inbox.AddRange(again.CompleteWorkflow.CarryoverEvents);
            instance.Inbox.AddRange(kept);
            return;
        }

        foreach (var action in response.Actions)
        {
            Apply(instance, action);
        }

        if (turn.NewEvents.FirstOrDefault(e => e.ExecutionTerminated is not null) is { } terminated && !instance.IsOver)
        {
            End(instance, OrchestrationStatus.Terminated, terminated.ExecutionTerminated.Input, null);
        }

        GiveTurn(instance);
    }

    private void Apply(FakeInstance instance, WorkflowAction action)
    {
        var recorded = new HistoryEvent { EventId = action.Id, Timestamp = Timestamp.FromDateTimeOffset(time.GetUtcNow()) };
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                var task = action.ScheduleTask;
                recorded.TaskScheduled = new TaskScheduledEvent { Name = task.Name, Input = task.Input, TaskExecutionId = task.TaskExecutionId };
                GiveActivity(instance, new ActivityRequest
                {
                    Name = task.Name,
                    Input = task.Input,
                    TaskId = action.Id,
                    TaskExecutionId = task.TaskExecutionId,
                    WorkflowInstance = new WorkflowInstance { InstanceId = instance.Id },
                });
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                recorded.TimerCreated = new TimerCreatedEvent { FireAt = action.CreateTimer.FireAt };
                StartTimer(instance, action.Id, action.CreateTimer.FireAt);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                var child = action.CreateChildWorkflow;
                recorded.ChildWorkflowInstanceCreated =
                    new ChildWorkflowInstanceCreatedEvent { InstanceId = child.InstanceId, Name = child.Name, Input = child.Input };
                Create(child.InstanceId, child.Name, child.Input, (instance, action.Id));
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.SendEvent:
                var sent = action.SendEvent;
                recorded.EventSent = new EventSentEvent { InstanceId = sent.Instance.InstanceId, Name = sent.Name, Input = sent.Data };
                if (_instances.TryGetValue(sent.Instance.InstanceId, out var target))
                {
                    Deliver(target, new HistoryEvent { EventRaised = new EventRaisedEvent { Name = sent.Name, Input = sent.Data } });
                }

                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow:
                var end = action.CompleteWorkflow;
                recorded.ExecutionCompleted = new ExecutionCompletedEvent { WorkflowStatus = end.WorkflowStatus, Result = end.Result, FailureDetails = end.FailureDetails };
                instance.History.Add(recorded);
                End(instance, end.WorkflowStatus, end.Result, end.FailureDetails);
                return;
            default:
                throw new RpcException(new Status(StatusCode.InvalidArgument, $"unknown action {action.WorkflowActionTypeCase}"));
        }

        instance.History.Add(recorded);
    }

    private void StartTimer(FakeInstance instance, int id, Timestamp fireAt)
    {
        var due = fireAt.ToDateTimeOffset() - time.GetUtcNow();
        // Timers for ever, and for longer than a test, never fire.
        if (due > TimeSpan.FromDays(30))
        {
            return;
        }

        _timers.Add(time.CreateTimer(
            _ =>
            {
                lock (_gate)
                {
                    Deliver(instance, new HistoryEvent { TimerFired = new TimerFiredEvent { TimerId = id, FireAt = fireAt } });
                    Changed();
                }
            },
            null,
            due > TimeSpan.Zero ? due : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan));
    }

    private void End(FakeInstance instance, OrchestrationStatus status, string? output, TaskFailureDetails? failure)
    {
        instance.Status = status;
        instance.Output = output;
        instance.Failure = failure;
        if (instance.Parent is not { } parent)
        {
            return;
        }

        Deliver(parent.Instance, status == OrchestrationStatus.Completed
            ? new HistoryEvent
            {
                ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = parent.TaskId, Result = output },
            }
            : new HistoryEvent
            {
                ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent
                {
                    TaskScheduledId = parent.TaskId,
                    FailureDetails = failure ?? new TaskFailureDetails { ErrorType = "Terminated", ErrorMessage = "terminated" },
                },
            });
    }
}
