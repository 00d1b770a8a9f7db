using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// The jobs of one lane that wait for their event to go out. One that comes alone goes at once. An event's price is the same for one job and for a hundred, so under
/// load they gather: while an event is on its way, the next one waits until it is full or that one is out; and after an event of many jobs a moment longer.
/// </summary>
/// <param name="send">Sends jobs of the lane; does not fail. Told with them whether too many wait.</param>
/// <param name="time">The clock.</param>
internal sealed class AnnouncementLine(Func<IReadOnlyList<JobEvent>, bool, Task> send, TimeProvider time)
{
    // Jobs that may wait in memory for their events, some 15 MB of them; the others wait on record, which costs more calls of the store.
    private const int MostWaiting = 100_000;

    // What one call asks for in the job store at most, and what goes out at once at most: some milliseconds of Redis' and of the sidecar's time.
    private const int LargestBatch = 1000;

    // No event has more jobs, so that waiting for others would gain nothing.
    private const int Full = EventSizes.Largest;

    // A second one beside the first keeps the sidecar busy.
    private const int MostFlights = 2;

    // Five milliseconds after a full event. Under a load that fills events jobs wait longer than that for their turn; where events carry few, there is no pause.
    private static readonly TimeSpan PauseAJob = TimeSpan.FromMicroseconds(50);

    // Below that a timer is not worth its price.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<JobEvent> _waiting = [];
    private int _flights;

    /// <returns>False when the line has ended.</returns>
    public bool TryEnqueue(IReadOnlyList<JobEvent> jobs)
    {
        lock (_lock)
        {
            if (_ending.Task.IsCompleted)
            {
                return false;
            }

            _waiting.AddRange(jobs);
            if (_flights > 0 && (_flights == MostFlights || _waiting.Count < Full))
            {
                return true;
            }

            _flights++;
        }

        // The trace of whoever happened to come first is not that of all who follow.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(FlyAsync);
        }

        return true;
    }

    /// <summary>Lets what waits go out; who announces from now on is told that the line has ended.</summary>
    public async Task EndAsync()
    {
        lock (_lock)
        {
            _ending.TrySetResult();
            if (_flights == 0)
            {
                _ended.TrySetResult();
            }
        }

        await _ended.Task;
    }

    private async Task FlyAsync()
    {
        while (Take() is { } batch)
        {
            await send(batch.Jobs, batch.AreTooMany);
            await PauseAsync(batch.Jobs.Count);
        }
    }

    private (IReadOnlyList<JobEvent> Jobs, bool AreTooMany)? Take()
    {
        lock (_lock)
        {
            // What is left for the first flight is not worth a second one.
            if (_waiting.Count == 0 || (_flights == MostFlights && _waiting.Count < Full))
            {
                _flights--;
                if (_flights == 0 && _ending.Task.IsCompleted)
                {
                    _ended.TrySetResult();
                }

                return null;
            }

            // While the sidecar is slow, what is beyond the bound waits on record rather than here.
            var areTooMany = _waiting.Count > MostWaiting;
            var batch = _waiting;
            if (batch.Count <= LargestBatch)
            {
                _waiting = [];
            }
            else
            {
                batch = _waiting.GetRange(0, LargestBatch);
                _waiting.RemoveRange(0, LargestBatch);
            }

            return (batch, areTooMany);
        }
    }

    private async Task PauseAsync(int sent)
    {
        var pause = PauseAJob * Math.Min(sent, Full);
        if (pause < ShortestPause)
        {
            return;
        }

        lock (_lock)
        {
            if (_waiting.Count >= Full)
            {
                return;
            }
        }

        // One that becomes full meanwhile goes out beside it.
        await Task.WhenAny(Task.Delay(pause, time), _ending.Task);
    }
}
