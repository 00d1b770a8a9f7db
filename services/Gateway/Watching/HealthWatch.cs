using Dapr.Client;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>
/// Puts changes of health on record. What happens while the job store is away is kept here until it is back; how the queues fare meanwhile is not known, and
/// their last status stands.
/// </summary>
internal sealed class HealthWatch(IHealthHistory history, HealthJudge judge, DaprClient dapr, TimeProvider time)
{
    public const string Redis = "redis";
    public const string Sidecar = "sidecar";

    private static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, QueueHealthStatus> _last = new(StringComparer.Ordinal);
    private readonly Queue<HealthChange> _unsaved = new();

    public async Task LookAsync(QueueSnapshot snapshot, CancellationToken cancellationToken)
    {
        var (redis, why) = (snapshot.IsStoreAvailable, snapshot.IsStoreFull) switch
        {
            (false, _) => (QueueHealthStatus.Unhealthy, "It does not answer."),
            (_, true) => (QueueHealthStatus.Degraded, "Its memory is used up: nothing can be added."),
            _ => (QueueHealthStatus.Healthy, "It answers."),
        };
        Note(Redis, redis, why, snapshot.At);
        foreach (var queue in snapshot.Queues)
        {
            var (status, reason) = judge.Find(queue);
            Note(queue.Name, status, reason, snapshot.At);
        }

        var hasSidecar = await HasSidecarAsync(cancellationToken);
        Note(Sidecar, hasSidecar ? QueueHealthStatus.Healthy : QueueHealthStatus.Unhealthy, hasSidecar ? "It answers." : "It does not answer, or is not ready.", time.GetUtcNow());
        if (snapshot.IsStoreAvailable)
        {
            await SaveAsync(cancellationToken);
        }
    }

    private void Note(string component, QueueHealthStatus status, string reason, DateTimeOffset at)
    {
        if (_last.TryGetValue(component, out var last) && last == status)
        {
            return;
        }

        _last[component] = status;
        _unsaved.Enqueue(new HealthChange(component, status, reason, at));
        if (_unsaved.Count > IHealthHistory.Capacity)
        {
            _unsaved.Dequeue();
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        while (_unsaved.TryPeek(out var change))
        {
            try
            {
                await history.AddAsync(change, cancellationToken);
            }
            catch (JobStoreUnavailableException)
            {
                return; // It has gone again.
            }

            _unsaved.Dequeue();
        }
    }

    private async Task<bool> HasSidecarAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LongestProbe);
        try
        {
            return await dapr.CheckOutboundHealthAsync(patience.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
