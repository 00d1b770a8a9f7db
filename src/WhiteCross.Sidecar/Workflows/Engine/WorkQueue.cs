namespace WhiteCross.Sidecar.Workflows.Engine;

/// <summary>What waits for a worker, turns and activities apart, each with a limit of how many may be out at once.</summary>
internal sealed class WorkQueue(int? maxTurns, int? maxActivities)
{
    private readonly Lock _lock = new();
    private readonly Queue<LiveInstance> _turns = new();
    private readonly Queue<PendingActivity> _activities = new();
    private readonly HashSet<object> _out = new(ReferenceEqualityComparer.Instance);
    private TaskCompletionSource _ready = New();
    private int _turnsOut;
    private int _activitiesOut;

    public void Add(LiveInstance instance)
    {
        lock (_lock)
        {
            _turns.Enqueue(instance);
            Wake();
        }
    }

    public void Add(PendingActivity activity)
    {
        lock (_lock)
        {
            _activities.Enqueue(activity);
            Wake();
        }
    }

    /// <summary>Takes the next; it counts as out until <see cref="Return"/>.</summary>
    public async Task<object> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task ready;
            lock (_lock)
            {
                if (Next() is { } next)
                {
                    return next;
                }

                ready = _ready.Task;
            }

            await ready.WaitAsync(cancellationToken);
        }
    }

    /// <summary>An item has been answered, or was not given out after all.</summary>
    public void Return(object item)
    {
        lock (_lock)
        {
            if (!_out.Remove(item))
            {
                return;
            }

            if (item is LiveInstance)
            {
                _turnsOut--;
            }
            else
            {
                _activitiesOut--;
            }

            Wake();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private object? Next()
    {
        if (_turns.Count > 0 && _turnsOut < (maxTurns ?? int.MaxValue) && _turns.TryDequeue(out var turn))
        {
            _turnsOut++;
            _out.Add(turn);
            return turn;
        }

        while (_activities.Count > 0 && _activitiesOut < (maxActivities ?? int.MaxValue))
        {
            var activity = _activities.Dequeue();
            if (!activity.IsDropped)
            {
                _activitiesOut++;
                _out.Add(activity);
                return activity;
            }
        }

        return null;
    }

    private void Wake()
    {
        var ready = _ready;
        _ready = New();
        ready.SetResult();
    }
}
