using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>A job whose event is in this process, until it is accounted for or given back.</summary>
internal sealed class Arrival(long arrivedAt)
{
    private readonly TaskCompletionSource<DeliveryVerdict> _outcome = new();
    private long _since = arrivedAt;
    private long _heldAt;
    private Stage _stage;

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

    /// <summary>What its event is answered.</summary>
    public Task<DeliveryVerdict> Outcome => _outcome.Task;

    /// <summary>In how long it must be held (again); null when it need not.</summary>
    public TimeSpan? HoldIn(TimeProvider time, TimeSpan beforeHold, TimeSpan renewal) => _stage switch
    {
        Stage.New => beforeHold - time.GetElapsedTime(_since),
        Stage.Held => renewal - time.GetElapsedTime(_heldAt),
        _ => null,
    };

    /// <summary>In how long it has waited for longer than the patience; null when it does not wait for this process alone.</summary>
    public TimeSpan? OverdueIn(TimeProvider time, TimeSpan patience) => _stage == Stage.Held ? patience - time.GetElapsedTime(_since) : null;

    public void Held(long heldAt, bool isHeld)
    {
        _heldAt = heldAt;
        _stage = isHeld ? Stage.Held : Stage.Begun;
    }

    /// <summary>Others may have it; its event has nothing left to guard.</summary>
    public void GiveBack()
    {
        _stage = Stage.GivenBack;
        End(DeliveryVerdict.Success);
    }

    /// <summary>Another event of the job has come to this very process.</summary>
    public void ComeAgain(long now)
    {
        if (_stage == Stage.GivenBack)
        {
            _since = now;
            _stage = Stage.New;
        }
    }

    public void End(DeliveryVerdict verdict) => _outcome.TrySetResult(verdict);
}
