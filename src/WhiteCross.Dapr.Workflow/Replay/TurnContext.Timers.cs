using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Dapr.Workflow.Replay;

internal sealed partial class TurnContext
{
    /// <inheritdoc/>
    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        EnsureHere();
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        var (id, waiter) = StartTimer(fireAt, timer => timer.CreateTimer = new TimerOriginCreateTimer());
        OnCancel(
            () =>
            {
                _open.Remove(id);
                waiter.TryCancel(cancellationToken);
            },
            cancellationToken);
        return waiter.Task;
    }

    private RunningTimer StartTimer(DateTime fireAt, Action<CreateTimerAction> markOrigin)
    {
        // A time without a kind is taken for UTC, as CurrentUtcDateTime is.
        var utc = fireAt.Kind == DateTimeKind.Local ? fireAt.ToUniversalTime() : System.DateTime.SpecifyKind(fireAt, DateTimeKind.Utc);
        return StartTimer(Timestamp.FromDateTime(utc), markOrigin);
    }

    private RunningTimer StartTimer(Timestamp fireAt, Action<CreateTimerAction> markOrigin)
    {
        var id = _nextId++;
        var timer = new CreateTimerAction { FireAt = fireAt };
        markOrigin(timer);
        Pending.Add(new WorkflowAction { Id = id, CreateTimer = timer });

        var waiter = new Waiter<bool>("timer", serializer);
        _open.Add(id, waiter);
        return new(id, waiter);
    }

    private void OnCancel(Action cancel, CancellationToken token)
    {
        if (!token.CanBeCanceled)
        {
            return;
        }

        token.Register(() =>
        {
            if (scheduler.IsHere)
            {
                cancel();
            }
            else
            {
                // A token that a clock cancels would do so at another place on each replay.
                scheduler.MarkLeft();
            }
        });
    }

    private readonly record struct RunningTimer(int Id, Waiter<bool> Waiter)
    {
        public Task Task => Waiter.Task;
    }
}
