using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Dapr.Workflow.Replay;

internal sealed partial class TurnContext
{
    /// <inheritdoc/>
    public override Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        EnsureHere();
        var waiter = new Waiter<T>(eventName, serializer);
        if (Events.TryTake(eventName, out var kept))
        {
            waiter.Resolve(kept);
            return waiter.Task;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var node = Events.Wait(eventName, waiter);
        OnCancel(
            () =>
            {
                Events.Forget(node);
                waiter.TryCancel(cancellationToken);
            },
            cancellationToken);
        return waiter.Task;
    }

    /// <inheritdoc/>
    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        EnsureHere();
        var waiter = new Waiter<T>(eventName, serializer);
        if (Events.TryTake(eventName, out var kept))
        {
            waiter.Resolve(kept);
            return await waiter.Task;
        }

        var node = Events.Wait(eventName, waiter);
        var fireAt = timeout < TimeSpan.Zero ? TheEndOfTime() : Timestamp.FromDateTime(_now.Add(timeout));
        var timer = StartTimer(fireAt, t => t.ExternalEvent = new TimerOriginExternalEvent { Name = eventName });

        if (await Task.WhenAny(waiter.Task, timer.Task) == waiter.Task)
        {
            _open.Remove(timer.Id);
        }
        else
        {
            Events.Forget(node);
            waiter.TryCancel(new CancellationToken(canceled: true));
        }

        return await waiter.Task;
    }

    /// <inheritdoc/>
    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        EnsureHere();
        Pending.Add(new WorkflowAction
        {
            Id = _nextId++,
            SendEvent = new SendEventAction
            {
                Instance = new WorkflowInstance { InstanceId = instanceId },
                Name = eventName,
                Data = Serialize(payload),
            },
        });
    }

    // What the sidecar knows as "never".
    private static Timestamp TheEndOfTime() => new() { Seconds = 253402300799, Nanos = 999999999 };
}
