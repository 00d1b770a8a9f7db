using Dapr.Common.Serialization;
using Dapr.Workflow.Protocol;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Replay;

/// <summary>
/// One turn of a workflow: its code runs from the start over the history and then over what is new, and what it decides beyond the history is the answer.
/// No I/O, no clock: the same request gives the same response. Each event is handled once, in constant time.
/// </summary>
internal sealed class WorkflowTurn
{
    private readonly WorkflowRequest _request;
    private readonly TurnScheduler _scheduler = new();
    private readonly TurnContext _context;
    private readonly IWorkflow _workflow;
    private readonly IDaprSerializer _serializer;
    private readonly Queue<HistoryEvent> _held = new();
    private Task<object?>? _run;
    private HistoryEvent? _terminated;
    private Exception? _failure;
    private bool _isSuspended;

    private WorkflowTurn(WorkflowRequest request, string name, IWorkflow workflow, IDaprSerializer serializer, ILoggerFactory loggers)
    {
        _request = request;
        _workflow = workflow;
        _serializer = serializer;
        _context = new TurnContext(name, request.InstanceId, _scheduler, serializer, loggers);
    }

    /// <summary>The name of the workflow that a request is about; null when its history has no beginning.</summary>
    public static string? NameOf(WorkflowRequest request) =>
        (Find(request.PastEvents) ?? Find(request.NewEvents))?.Name;

    /// <summary>Runs a turn on the calling thread.</summary>
    /// <param name="request">The history and what is new.</param>
    /// <param name="name">The workflow's name.</param>
    /// <param name="workflow">The workflow.</param>
    /// <param name="serializer">Reads and writes inputs and results.</param>
    /// <param name="loggers">For replay-safe loggers.</param>
    public static WorkflowResponse Run(WorkflowRequest request, string name, IWorkflow workflow, IDaprSerializer serializer, ILoggerFactory loggers)
    {
        var turn = new WorkflowTurn(request, name, workflow, serializer, loggers);
        try
        {
            turn.Apply(request.PastEvents, isReplaying: true);
            turn.Apply(request.NewEvents, isReplaying: false);
        }
        catch (NonDeterministicWorkflowException mismatch)
        {
            turn._failure = mismatch;
        }
        finally
        {
            turn._scheduler.End();
        }

        return turn.Answer();
    }

    /// <summary>The answer that ends a workflow as failed.</summary>
    public static WorkflowResponse Fail(string instanceId, TaskFailureDetails failure) => new()
    {
        InstanceId = instanceId,
        Actions =
        {
            new WorkflowAction
            {
                CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Failed, FailureDetails = failure },
            },
        },
    };

    private static ExecutionStartedEvent? Find(IEnumerable<HistoryEvent> events) => events.FirstOrDefault(e => e.ExecutionStarted is not null)?.ExecutionStarted;

    private void Apply(IEnumerable<HistoryEvent> events, bool isReplaying)
    {
        _context.SetReplaying(isReplaying);
        foreach (var e in events)
        {
            if (_terminated is not null)
            {
                return;
            }

            Apply(e);
        }
    }

    // While suspended, all that happens is held back, except for the clock and the end.
    private void Apply(HistoryEvent e)
    {
        switch (e.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.WorkflowStarted:
                _context.BeginTurn(e);
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionTerminated:
                _terminated = e;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionSuspended:
                _isSuspended = true;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionResumed:
                _isSuspended = false;
                while (_held.TryDequeue(out var held))
                {
                    Deliver(held);
                }

                break;
            case var _ when _isSuspended:
                _held.Enqueue(e);
                break;
            default:
                Deliver(e);
                break;
        }
    }

    private void Deliver(HistoryEvent e)
    {
        switch (e.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.ExecutionStarted when _run is null:
                _scheduler.Run(() => _run = Begin(e.ExecutionStarted));
                break;
            case HistoryEvent.EventTypeOneofCase.TaskScheduled:
            case HistoryEvent.EventTypeOneofCase.TimerCreated:
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated:
            case HistoryEvent.EventTypeOneofCase.EventSent:
                _context.Pending.Confirm(e);
                break;
            case HistoryEvent.EventTypeOneofCase.TaskCompleted:
                Resolve(e.TaskCompleted.TaskScheduledId, e);
                break;
            case HistoryEvent.EventTypeOneofCase.TaskFailed:
                Resolve(e.TaskFailed.TaskScheduledId, e);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted:
                Resolve(e.ChildWorkflowInstanceCompleted.TaskScheduledId, e);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed:
                Resolve(e.ChildWorkflowInstanceFailed.TaskScheduledId, e);
                break;
            case HistoryEvent.EventTypeOneofCase.TimerFired:
                Resolve(e.TimerFired.TimerId, e);
                break;
            case HistoryEvent.EventTypeOneofCase.EventRaised:
                _scheduler.EndWait(() => _context.Events.Raise(e));
                break;
        }
    }

    private void Resolve(int id, HistoryEvent happened) => _scheduler.EndWait(() => _context.Resolve(id, happened));

    private Task<object?> Begin(ExecutionStartedEvent started)
    {
        try
        {
            return _workflow.RunAsync(_context, Inputs.Read(_serializer, started.Input, _workflow.InputType));
        }
#pragma warning disable CA1031 // Whatever the workflow throws fails the workflow.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return Task.FromException<object?>(failure);
        }
    }

    private WorkflowResponse Answer()
    {
        if (_failure is null && _run is { IsCompleted: false } && !_isSuspended && _terminated is null && _context.NextGeneration is null
            && (_scheduler.WasLeft || !_context.HasOpenWaits))
        {
            _failure = new NonDeterministicWorkflowException(
                _scheduler.WasLeft ? NonDeterministicWorkflowException.OtherThread : NonDeterministicWorkflowException.WaitsForNothing);
        }

        var response = new WorkflowResponse { InstanceId = _request.InstanceId };
        if (_terminated is not null)
        {
            response.Actions.Add(Complete(0, OrchestrationStatus.Terminated, _terminated.ExecutionTerminated.Input));
        }
        else if (_failure is not null)
        {
            response = Fail(_request.InstanceId, Failures.ToWire(_failure));
        }
        else if (!_isSuspended)
        {
            response.Actions.AddRange(_context.Pending.InOrder());
            if (End() is { } end)
            {
                response.Actions.Add(end);
            }
        }

        response.CustomStatus = _context.CustomStatus;
        if (_context.NewPatches.Count > 0)
        {
            response.Version = new WorkflowVersion { Name = _context.Name, Patches = { _context.NewPatches } };
        }

        return response;
    }

    private WorkflowAction? End()
    {
        if (_run is { IsFaulted: true } or { IsCanceled: true })
        {
            var failure = _run.Exception?.InnerException ?? new TaskCanceledException(_run);
            var failed = Complete(0, OrchestrationStatus.Failed, null);
            failed.CompleteWorkflow.FailureDetails = Failures.ToWire(failure);
            return failed;
        }

        if (_context.NextGeneration is { } next)
        {
            var again = Complete(next.Id, OrchestrationStatus.ContinuedAsNew, next.Input);
            if (next.KeepsEvents)
            {
                again.CompleteWorkflow.CarryoverEvents.AddRange(_context.Events.Kept);
            }

            return again;
        }

        return _run is { IsCompletedSuccessfully: true } ? Complete(0, OrchestrationStatus.Completed, Inputs.Write(_serializer, _run.Result)) : null;
    }

    // The worker of the official package ends a workflow by an action with id 0.
    private static WorkflowAction Complete(int id, OrchestrationStatus status, string? result) => new()
    {
        Id = id,
        CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = status, Result = result },
    };
}
