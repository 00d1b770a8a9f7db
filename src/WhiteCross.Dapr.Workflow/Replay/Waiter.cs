using Dapr.Common.Serialization;
using Dapr.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

/// <summary>A wait of the workflow's code for one event of the history.</summary>
internal abstract class Waiter
{
    /// <summary>Ends the wait with what happened.</summary>
    public abstract void Resolve(HistoryEvent happened);
}

/// <summary>A wait of the workflow's code for one event of the history, and what the code gets from it.</summary>
/// <param name="name">The activity, child workflow or event.</param>
/// <param name="serializer">Reads results.</param>
internal sealed class Waiter<T>(string name, IDaprSerializer serializer) : Waiter
{
    // Continuations run in place: the turn's thread is the only one there is.
    private readonly TaskCompletionSource<T> _source = new();

    /// <summary>What the code awaits.</summary>
    public Task<T> Task => _source.Task;

    /// <summary>Ends the wait early.</summary>
    public bool TryCancel(CancellationToken token) => _source.TrySetCanceled(token);

    /// <inheritdoc/>
    public override void Resolve(HistoryEvent happened)
    {
        switch (happened.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.TaskCompleted:
                Complete(happened.TaskCompleted.Result);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted:
                Complete(happened.ChildWorkflowInstanceCompleted.Result);
                break;
            case HistoryEvent.EventTypeOneofCase.EventRaised:
                Complete(happened.EventRaised.Input);
                break;
            case HistoryEvent.EventTypeOneofCase.TimerFired:
                _source.TrySetResult(default!);
                break;
            case HistoryEvent.EventTypeOneofCase.TaskFailed:
                var failure = Failures.FromWire(happened.TaskFailed.FailureDetails);
                Fail($"Task failed: {failure.ErrorMessage}", failure, happened.TaskFailed.FailureDetails);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed:
                var details = happened.ChildWorkflowInstanceFailed.FailureDetails;
                Fail($"Child workflow '{name}' failed", Failures.FromWire(details), details);
                break;
        }
    }

    private void Complete(string? json)
    {
        try
        {
            _source.TrySetResult(string.IsNullOrEmpty(json) ? default! : serializer.Deserialize<T>(json)!);
        }
#pragma warning disable CA1031 // Whatever a serializer throws belongs to the code that asked for this type.
        catch (Exception unreadable)
#pragma warning restore CA1031
        {
            _source.TrySetException(unreadable);
        }
    }

    private void Fail(string message, WorkflowTaskFailureDetails details, TaskFailureDetails? wire)
    {
        var failure = new WorkflowTaskFailedException(message, details);
        if (wire?.IsNonRetriable == true)
        {
            Failures.MarkNonRetriable(failure);
        }

        _source.TrySetException(failure);
    }
}
