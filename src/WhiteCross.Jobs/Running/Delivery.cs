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

/// <summary>An event at the gate.</summary>
internal sealed class Delivery(BeginRequest request, JobPriority priority)
{
    // Who waits for a bulk goes on in line with what answers it: a thread for each of its events would cost more than answering them.
    private readonly TaskCompletionSource<DeliveryVerdict> _verdict = new();

    public BeginRequest Request { get; } = request;

    public JobPriority Priority { get; } = priority;

    public Task<DeliveryVerdict> Verdict => _verdict.Task;

    public void Answer(DeliveryVerdict verdict) => _verdict.TrySetResult(verdict);
}
