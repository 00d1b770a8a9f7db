using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>What became of an event.</summary>
public enum DeliveryVerdict
{
    /// <summary>The event is dealt with: what it asked for is on record.</summary>
    Success,

    /// <summary>The event could not be dealt with, since the job store is away: deliver it again.</summary>
    Retry,

    /// <summary>The event only names a job, and nothing is on record of it.</summary>
    Unknown,
}

/// <summary>How far an event is. It decides what a second event of the same job means.</summary>
internal enum DeliveryStage
{
    /// <summary>It waits at the gate: the job is about to be looked at, and a second event has nothing to add.</summary>
    AtTheGate,

    /// <summary>The store is asked for a run. Its answer may be older than a second event.</summary>
    Beginning,

    /// <summary>The job runs here: the record guards it.</summary>
    Running,

    /// <summary>The end of the run is on its way to the record. Once it is there, a second event may be the one that the job needs next.</summary>
    Ending,

    /// <summary>It is over.</summary>
    Closed,
}

/// <summary>An event in this process, from its arrival until its job is let go of.</summary>
internal sealed class Delivery(BeginRequest request, JobPriority priority)
{
    private readonly Lock _lock = new();

    // Who waits for a bulk goes on in line with what answers it: a thread for each of its events would cost more than answering them.
    private readonly TaskCompletionSource<DeliveryVerdict> _verdict = new();
    private List<Delivery>? _followers;
    private DeliveryStage _stage;

    public BeginRequest Request { get; } = request;

    public JobPriority Priority { get; } = priority;

    public Task<DeliveryVerdict> Verdict => _verdict.Task;

    /// <summary>Whether another event of the job was taken for a repetition of this one.</summary>
    public bool HasSwallowed { get; private set; }

    public void Answer(DeliveryVerdict verdict) => _verdict.TrySetResult(verdict);

    /// <summary>Goes on to a later stage.</summary>
    /// <returns>Events that came meanwhile and are dealt with by this step.</returns>
    public IReadOnlyList<Delivery> Enter(DeliveryStage stage)
    {
        lock (_lock)
        {
            _stage = stage;
            if (_followers is null || stage is not (DeliveryStage.Running or DeliveryStage.Closed))
            {
                return [];
            }

            var followers = _followers;
            _followers = null;
            HasSwallowed |= stage == DeliveryStage.Running;
            return followers;
        }
    }

    /// <summary>Takes in another event of the same job.</summary>
    /// <returns>
    /// True when it is settled: answered, or kept to be looked at when this one is over. False when this one is over already.
    /// </returns>
    public bool TryTakeIn(Delivery other)
    {
        lock (_lock)
        {
            if (_stage == DeliveryStage.Closed)
            {
                return false;
            }

            // An event that describes a job nothing may be on record of is the only thing that guards it.
            if (_stage is DeliveryStage.Beginning or DeliveryStage.Ending || (_stage == DeliveryStage.AtTheGate && Request.IfMissing is not null))
            {
                (_followers ??= []).Add(other);
                return true;
            }

            HasSwallowed = true;
        }

        other.Answer(DeliveryVerdict.Success);
        return true;
    }
}
