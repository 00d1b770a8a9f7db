namespace Dapr.Workflow.Worker;

/// <summary>Counts what is under way, so that a shutdown can wait for it.</summary>
internal sealed class InFlight
{
    private readonly Lock _gate = new();
    private int _count;
    private TaskCompletionSource? _empty;

    /// <summary>One more is under way.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _count++;
        }
    }

    /// <summary>One has ended.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _empty?.TrySetResult();
            }
        }
    }

    /// <summary>Completes when nothing is under way.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return Task.CompletedTask;
            }

            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task;
        }
    }
}
