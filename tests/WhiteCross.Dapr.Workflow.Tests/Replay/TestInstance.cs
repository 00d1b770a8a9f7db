using System.Text.Json;
using Dapr.Common.Serialization;
using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using Dapr.Workflow.Replay;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

/// <summary>A workflow instance as the sidecar keeps it: its history, what is new, and how the answers of its turns become history.</summary>
internal sealed class TestInstance
{
    public static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly string _name;
    private readonly IWorkflow _workflow;
    private readonly ILoggerFactory _loggers;

    public TestInstance(IWorkflow workflow, object? input = null, string id = "instance-1", string name = "Example", ILoggerFactory? loggers = null)
    {
        _name = name;
        _workflow = workflow;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        Id = id;
        Inbox.Add(Started(input is null ? "" : JsonSerializer.Serialize(input, JsonSerializerOptions.Web)));
    }

    public static IDaprSerializer Serializer { get; } = new JsonDaprSerializer(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public string Id { get; }

    public DateTime Now { get; set; } = Start;

    public List<HistoryEvent> History { get; } = [];

    public List<HistoryEvent> Inbox { get; } = [];

    /// <summary>Every request that was made, with its answer.</summary>
    public List<(WorkflowRequest Request, WorkflowResponse Response)> Turns { get; } = [];

    public WorkflowResponse Last => Turns[^1].Response;

    public CompleteWorkflowAction? End => Last.Actions.Select(a => a.CompleteWorkflow).FirstOrDefault(c => c is not null);

    public static TestInstance Of<TIn, TOut>(Func<WorkflowContext, TIn, Task<TOut>> code, object? input = null, ILoggerFactory? loggers = null) =>
        new(new Code<TIn, TOut>(code), input, loggers: loggers);

    /// <summary>Runs the turn that is due, and makes its answer part of the history.</summary>
    public WorkflowResponse Turn(params HistoryEvent[] happened)
    {
        Inbox.AddRange(happened);
        var request = new WorkflowRequest { InstanceId = Id, PastEvents = { History } };
        request.NewEvents.Add(new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTime(Now), WorkflowStarted = new WorkflowStartedEvent() });
        request.NewEvents.AddRange(Inbox);
        Inbox.Clear();

        var response = Run(request, _workflow);
        Turns.Add((request.Clone(), response));
        if (response.Version is { } version)
        {
            request.NewEvents[0].WorkflowStarted.Version = version;
        }

        History.AddRange(request.NewEvents);
        foreach (var action in response.Actions)
        {
            Record(action);
        }

        Now = Now.AddSeconds(1);
        return response;
    }

    public WorkflowResponse Run(WorkflowRequest request, IWorkflow workflow) => WorkflowTurn.Run(request, _name, workflow, Serializer, _loggers);

    public static HistoryEvent Completed(int id, object? result = null) => new()
    {
        EventId = -1,
        TaskCompleted = new TaskCompletedEvent { TaskScheduledId = id, Result = result is null ? "" : JsonSerializer.Serialize(result, JsonSerializerOptions.Web) },
    };

    public static HistoryEvent Failed(int id, string message = "broken", string type = "System.InvalidOperationException", bool isFinal = false) => new()
    {
        EventId = -1,
        TaskFailed = new TaskFailedEvent
        {
            TaskScheduledId = id,
            FailureDetails = new TaskFailureDetails { ErrorType = type, ErrorMessage = message, IsNonRetriable = isFinal },
        },
    };

    public static HistoryEvent ChildCompleted(int id, object? result = null) => new()
    {
        EventId = -1,
        ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent
        {
            TaskScheduledId = id,
            Result = result is null ? "" : JsonSerializer.Serialize(result, JsonSerializerOptions.Web),
        },
    };

    public static HistoryEvent ChildFailed(int id, string message = "broken") => new()
    {
        EventId = -1,
        ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent
        {
            TaskScheduledId = id,
            FailureDetails = new TaskFailureDetails { ErrorType = "System.InvalidOperationException", ErrorMessage = message },
        },
    };

    public static HistoryEvent Fired(int id) => new() { EventId = -1, TimerFired = new TimerFiredEvent { TimerId = id } };

    public static HistoryEvent Raised(string name, object? payload = null) => new()
    {
        EventId = -1,
        EventRaised = new EventRaisedEvent { Name = name, Input = payload is null ? "" : JsonSerializer.Serialize(payload, JsonSerializerOptions.Web) },
    };

    public static HistoryEvent Suspended() => new() { EventId = -1, ExecutionSuspended = new ExecutionSuspendedEvent() };

    public static HistoryEvent Resumed() => new() { EventId = -1, ExecutionResumed = new ExecutionResumedEvent() };

    public static HistoryEvent Terminated(string output) => new() { EventId = -1, ExecutionTerminated = new ExecutionTerminatedEvent { Input = output } };

    private HistoryEvent Started(string input) => new()
    {
        EventId = -1,
        ExecutionStarted = new ExecutionStartedEvent { Name = _name, Input = input, WorkflowInstance = new WorkflowInstance { InstanceId = Id } },
    };

    private void Record(WorkflowAction action)
    {
        var recorded = new HistoryEvent { EventId = action.Id, Timestamp = Timestamp.FromDateTime(Now) };
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                recorded.TaskScheduled = new TaskScheduledEvent
                {
                    Name = action.ScheduleTask.Name,
                    Input = action.ScheduleTask.Input,
                    TaskExecutionId = action.ScheduleTask.TaskExecutionId,
                };
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                recorded.TimerCreated = new TimerCreatedEvent { FireAt = action.CreateTimer.FireAt };
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                recorded.ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent
                {
                    InstanceId = action.CreateChildWorkflow.InstanceId,
                    Name = action.CreateChildWorkflow.Name,
                    Input = action.CreateChildWorkflow.Input,
                };
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.SendEvent:
                recorded.EventSent = new EventSentEvent
                {
                    InstanceId = action.SendEvent.Instance.InstanceId,
                    Name = action.SendEvent.Name,
                    Input = action.SendEvent.Data,
                };
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow
                when action.CompleteWorkflow.WorkflowStatus == OrchestrationStatus.ContinuedAsNew:
                History.Clear();
                Inbox.Add(Started(action.CompleteWorkflow.Result));
                Inbox.AddRange(action.CompleteWorkflow.CarryoverEvents);
                return;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow:
                recorded.ExecutionCompleted = new ExecutionCompletedEvent
                {
                    WorkflowStatus = action.CompleteWorkflow.WorkflowStatus,
                    Result = action.CompleteWorkflow.Result,
                    FailureDetails = action.CompleteWorkflow.FailureDetails,
                };
                break;
            default:
                throw new InvalidOperationException($"A worker does not answer {action.WorkflowActionTypeCase}.");
        }

        History.Add(recorded);
    }

    private sealed class Code<TIn, TOut>(Func<WorkflowContext, TIn, Task<TOut>> code) : Workflow<TIn, TOut>
    {
        public override Task<TOut> RunAsync(WorkflowContext context, TIn input) => code(context, input);
    }
}
