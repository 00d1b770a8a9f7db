using System.Collections.Concurrent;
using System.Diagnostics;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Bench.Queue;

/// <summary>Does nothing, or what a scenario wants done, and remembers when each job began.</summary>
internal sealed class BenchHandler(Func<Job<SendMessageJob>, Task<JobOutcome>>? behaviour = null) : IJobHandler<SendMessageJob>, IJobHandler<DeliveryConfirmationJob>
{
    private static readonly JobOutcome Done = new JobOutcome.Completed();

    private int _calls;

    public int Calls => _calls;

    /// <summary>Whether it keeps what it remembers; what it keeps grows.</summary>
    public bool Remembers { get; init; } = true;

    /// <summary>When each job began first, as a time stamp, by its id.</summary>
    public ConcurrentDictionary<string, long> Starts { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<JobPriority> Order { get; } = new();

    /// <summary>Forgets the jobs so far.</summary>
    public void Forget()
    {
        Starts.Clear();
        Order.Clear();
        _calls = 0;
    }

    public Task<JobOutcome> HandleAsync(Job<SendMessageJob> job, CancellationToken cancellationToken)
    {
        if (Remembers)
        {
            Starts.TryAdd(job.Id, Stopwatch.GetTimestamp());
            Order.Enqueue(job.Info.Priority);
        }

        Interlocked.Increment(ref _calls);
        return behaviour?.Invoke(job) ?? Task.FromResult(Done);
    }

    /// <summary>The queue's other type, of which no scenario adds jobs.</summary>
    public Task<JobOutcome> HandleAsync(Job<DeliveryConfirmationJob> job, CancellationToken cancellationToken) => Task.FromResult(Done);
}
