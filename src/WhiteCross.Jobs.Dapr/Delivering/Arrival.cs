using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>A job whose event is in this process, until it is accounted for or given back. May be asked from any thread.</summary>
internal sealed class Arrival(long arrivedAt)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<DeliveryVerdict> _outcome = new();
    private long _since = arrivedAt;
    private long _heldAt;
    private Stage _stage;
    private bool _hasEnded;

    private enum Stage
    {
        /// <summary>It came just now.</summary>
        New,

        /// <summary>It waits, and is held for this process.</summary>
        Held,

        /// <summary>It waits, and others may have it.</summary>
        GivenBack,

        /// <summary>It does not wait any more.</summary>
        Begun,
    }

    /// <summary>What its event is answered; of several that of the last.</summary>
    public Task<DeliveryVerdict> Outcome
    {
        get
        {
            lock (_lock)
            {
                return _outcome.Task;
            }
        }
    }

    /// <summary>In how long it must be held (again); null when it need not.</summary>
    public TimeSpan? HoldIn(TimeProvider time, TimeSpan beforeHold, TimeSpan renewal)
    {
        lock (_lock)
        {
            return _stage switch
            {
                Stage.New => beforeHold - time.GetElapsedTime(_since),
                Stage.Held => renewal - time.GetElapsedTime(_heldAt),
                _ => null,
            };
        }
    }

    /// <summary>In how long it has waited for longer than the patience; null when it does not wait for this process alone.</summary>
    public TimeSpan? OverdueIn(TimeProvider time, TimeSpan patience)
    {
        lock (_lock)
        {
            return _stage == Stage.Held ? patience - time.GetElapsedTime(_since) : null;
        }
    }

    public void Held(long heldAt, bool isHeld)
    {
        lock (_lock)
        {
            _heldAt = heldAt;
            _stage = isHeld ? Stage.Held : Stage.Begun;
        }
    }

    /// <summary>Others may have it; its event has nothing left to guard.</summary>
    public void GiveBack()
    {
        TaskCompletionSource<DeliveryVerdict> outcome;
        lock (_lock)
        {
            _stage = Stage.GivenBack;
            outcome = _outcome;
        }

        outcome.TrySetResult(DeliveryVerdict.Success); // Whoever waits for it goes on here and now: not within the lock.
    }

    /// <summary>
    /// Another event of the job has come to this very process. One that was given back waits here anew, and this event for its outcome: acknowledged at once, this
    /// process would go on taking the events of what it has given back, and leave others none.
    /// </summary>
    /// <returns>What that event is answered; null when an earlier one guards the job, or it has ended.</returns>
    public Task<DeliveryVerdict>? ComeAgain(long now)
    {
        lock (_lock)
        {
            if (_stage != Stage.GivenBack || _hasEnded)
            {
                return null;
            }

            _since = now;
            _stage = Stage.New;
            _outcome = new TaskCompletionSource<DeliveryVerdict>();
            return _outcome.Task;
        }
    }

    public void End(DeliveryVerdict verdict)
    {
        TaskCompletionSource<DeliveryVerdict> outcome;
        lock (_lock)
        {
            _hasEnded = true;
            outcome = _outcome;
        }

        outcome.TrySetResult(verdict);
    }
}
