using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>A job to be put on record, with everything decided that its options and its queue's options leave open.</summary>
public sealed record NewJob
{
    /// <summary>The job's id.</summary>
    public required string JobId { get; init; }

    /// <summary>The job's type; empty when the envelope named none that could be read.</summary>
    public required string Type { get; init; }

    /// <summary>The job's data, as UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>How urgent it is.</summary>
    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>Attempts in all.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>The pause between attempts.</summary>
    public JobBackoff Backoff { get; init; } = new(JobBackoffType.Exponential, 2_000);

    /// <summary>How long one attempt may run.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait before the first attempt.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Forget the job once it has completed.</summary>
    public bool RemoveOnComplete { get; init; }

    /// <summary>Forget the job once it has failed for good.</summary>
    public bool RemoveOnFail { get; init; }

    /// <summary>The options as the publisher gave them, as UTF-8 JSON, to be shown and to be put into a dead letter; empty when none were given.</summary>
    public ReadOnlyMemory<byte> Options { get; init; }

    /// <summary>What equal data is known by; null for what <see cref="DataSum"/> makes of the data, which cannot be told of data that is sealed.</summary>
    public string? Sum { get; init; }

    /// <summary>The W3C traceparent under which it is added; null when tracing is off.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Who adds it: the name of a key or a token's subject, <c>local</c>, <c>event</c>, or what of the system does; null when it is not known.</summary>
    public string? AddedBy { get; init; }

    /// <summary>What is put on record with it, if it is not there already; null for nothing.</summary>
    public JobNote? Note { get; init; }

    /// <summary>What it is found by; see <see cref="JobTerms"/>.</summary>
    public IReadOnlyList<string> Terms { get; init; } = [];

    /// <summary>
    /// Set when the job can never run: its envelope or data is not valid, or nobody could receive it. It is then put on record as failed, and
    /// owes a dead letter.
    /// </summary>
    public JobError? Error { get; init; }
}
