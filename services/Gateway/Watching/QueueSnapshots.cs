using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>The metrics of all queues at one moment.</summary>
/// <param name="Queues">The queues; empty when the job store did not answer.</param>
/// <param name="IsStoreAvailable">Whether the job store answered.</param>
/// <param name="At">When.</param>
internal sealed record QueueSnapshot(IReadOnlyList<QueueMetrics> Queues, bool IsStoreAvailable, DateTimeOffset At)
{
    /// <summary>Whether the job store answered and has no room left.</summary>
    public bool IsStoreFull => Memory.IsFull;

    /// <summary>What the job store uses of its memory.</summary>
    public StoreMemory Memory { get; init; }
}

/// <summary>One look at the job store for all that watch the queues: gauges, alerts, the history of health.</summary>
internal sealed class QueueSnapshots(IJobReader store, TimeProvider time) : IDisposable
{
    private static readonly string[] Names = [.. JobQueues.All.Select(queue => queue.Name)];
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _turn = new(1);
    private volatile QueueSnapshot? _latest;

    /// <summary>The last look; null before the first.</summary>
    public QueueSnapshot? Latest => _latest;

    /// <summary>The last look when it is young enough, else a new one; who asks meanwhile gets the same.</summary>
    public async Task<QueueSnapshot> GetAsync(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return _latest is { } latest && time.GetUtcNow() - latest.At < maxAge ? latest : _latest = await LookAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<QueueSnapshot> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var metrics = await store.GetMetricsAsync(Names, cancellationToken).WaitAsync(LongestLook, time, cancellationToken);
            var memory = await store.GetMemoryAsync(cancellationToken).WaitAsync(LongestLook, time, cancellationToken);
            return new QueueSnapshot(metrics, IsStoreAvailable: true, time.GetUtcNow()) { Memory = memory };
        }
        catch (Exception exception) when (exception is JobStoreUnavailableException or TimeoutException)
        {
            return new QueueSnapshot([], IsStoreAvailable: false, time.GetUtcNow());
        }
    }
}
