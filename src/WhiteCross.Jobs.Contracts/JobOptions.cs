namespace WhiteCross.Jobs.Contracts;

/// <summary>What a publisher may ask for one job. Everything left out comes from the options of its queue. Times are milliseconds.</summary>
public sealed record JobOptions
{
    /// <summary>How urgent the job is. Default: <c>NORMAL</c>.</summary>
    public JobPriority? Priority { get; init; }

    /// <summary>How long to wait before the first attempt, in milliseconds. Default: 0.</summary>
    public long? Delay { get; init; }

    /// <summary>Attempts in all, the first one included. Default: the queue's; at least 5 for HIGH and CRITICAL.</summary>
    public int? Attempts { get; init; }

    /// <summary>How long one attempt may run before its cancellation token fires, in milliseconds. Default: the queue's.</summary>
    public long? Timeout { get; init; }

    /// <summary>The pause between attempts. Default: the queue's; with a base of 1 s for HIGH and CRITICAL.</summary>
    public JobBackoff? Backoff { get; init; }

    /// <summary>What the job is to be found by besides what it is about: at most 10, each of 1–64 characters. Not shown again.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Forget the job as soon as it has completed. Default: false.</summary>
    public bool? RemoveOnComplete { get; init; }

    /// <summary>Forget the job as soon as it has failed for good; its dead letter is published all the same. Default: false.</summary>
    public bool? RemoveOnFail { get; init; }
}
