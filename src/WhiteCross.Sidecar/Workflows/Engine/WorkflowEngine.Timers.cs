using Dapr.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace WhiteCross.Sidecar.Workflows.Engine;

public sealed partial class WorkflowEngine
{
    private void StartTimer(LiveInstance instance, int id, Timestamp fireAt)
    {
        var due = DueIn(fireAt);
        instance.Timers[id] = _time.CreateTimer(_ => _ = FireAsync(instance, id, fireAt), null, due, Timeout.InfiniteTimeSpan);
    }

    private void StartLater(LiveInstance instance)
    {
        if (instance.State is { WorkflowStatus: OrchestrationStatus.Pending, ScheduledStartTimestamp: { } at } && DueIn(at) > TimeSpan.Zero)
        {
            instance.StartTimer = _time.CreateTimer(_ => _ = BeginAsync(instance, at), null, DueIn(at), Timeout.InfiniteTimeSpan);
        }
    }

    private TimeSpan DueIn(Timestamp at)
    {
        // Beyond what a DateTime holds, and therefore never: the last nanosecond of the year 9999 asks for no end.
        var due = at.Seconds >= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? LongestTimer : at.ToDateTimeOffset() - _time.GetUtcNow();
        return due < TimeSpan.Zero ? TimeSpan.Zero : due > LongestTimer ? LongestTimer : due;
    }

    private async Task FireAsync(LiveInstance instance, int id, Timestamp fireAt)
    {
        try
        {
            using var entered = await EnterAsync(_stopping.Token);
            if (!IsCurrent(instance) || !instance.Timers.TryGetValue(id, out var timer))
            {
                return;
            }

            if (DueIn(fireAt) is { } rest && rest > TimeSpan.Zero)
            {
                timer.Change(rest, Timeout.InfiniteTimeSpan);
                return;
            }

            var change = new EngineTransaction(_time.GetUtcNow());
            change.Deliver(instance, new HistoryEvent { TimerFired = new TimerFiredEvent { TimerId = id, FireAt = fireAt } });
            change.Afterwards(() =>
            {
                instance.Timers.Remove(id);
                timer.Dispose();
            });
            await CommitAsync(change);
        }
        catch (OperationCanceledException)
        {
            // The engine stops; the timer is in the store.
        }
#pragma warning disable CA1031 // Whatever the store throws: its instance is read again from the store, and its timer with it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogTimerNotStored(instance.Id, failure.GetType().Name);
        }
    }

    private async Task BeginAsync(LiveInstance instance, Timestamp at)
    {
        try
        {
            using var entered = await EnterAsync(_stopping.Token);
            if (!IsCurrent(instance) || instance.StartTimer is null)
            {
                return;
            }

            if (DueIn(at) is { } rest && rest > TimeSpan.Zero)
            {
                instance.StartTimer.Change(rest, Timeout.InfiniteTimeSpan);
                return;
            }

            await instance.StartTimer.DisposeAsync();
            instance.StartTimer = null;
            Queue(instance);
        }
        catch (OperationCanceledException)
        {
            // The engine stops; the time of the start is in the store.
        }
    }

    private bool IsCurrent(LiveInstance instance) => _live.TryGetValue(instance.Id, out var current) && ReferenceEquals(current, instance);

    [LoggerMessage(LogLevel.Warning, "A timer of workflow instance {InstanceId} could not be stored ({ErrorType}); it is tried again")]
    private partial void LogTimerNotStored(string instanceId, string errorType);
}
