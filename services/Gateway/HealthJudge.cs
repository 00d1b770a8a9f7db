using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Judges queues by their metrics.</summary>
internal sealed class HealthJudge(IJobStore store, IOptions<HealthOptions> options, TimeProvider time)
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<QueueHealth>> JudgeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        try
        {
            var metrics = await store.GetMetricsAsync(queues, cancellationToken).WaitAsync(LongestLook, time, cancellationToken);
            return [.. metrics.Select(Judge)];
        }
        catch (Exception exception) when (exception is JobStoreUnavailableException or TimeoutException)
        {
            return
            [
                .. queues.Select(queue => new QueueHealth(
                    queue, QueueHealthStatus.Unhealthy, new QueueHealthChecks(Redis: false, Accepting: false, Processing: false, HighFailureRate: false), 0, 0, time.GetUtcNow())),
            ];
        }
    }

    private QueueHealth Judge(QueueMetrics metrics)
    {
        var limits = options.Value;
        var isFailing = metrics.FailureRate > limits.MaxFailureRate;
        var isIdle = metrics.Active == 0 && metrics.OldestWaitingAt is { } oldest && time.GetUtcNow() - oldest > limits.MaxIdle;
        var status = isFailing ? QueueHealthStatus.Unhealthy
            : metrics.Failed > limits.MaxFailed || metrics.Waiting > limits.MaxWaiting || isIdle ? QueueHealthStatus.Degraded
            : QueueHealthStatus.Healthy;
        return new QueueHealth(
            metrics.Name,
            status,
            new QueueHealthChecks(Redis: true, Accepting: true, Processing: !metrics.IsPaused && !isIdle, isFailing),
            metrics.FailureRate,
            metrics.AverageProcessingTime,
            time.GetUtcNow());
    }
}
