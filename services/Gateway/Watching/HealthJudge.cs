using System.Globalization;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Judges queues by their metrics.</summary>
internal sealed class HealthJudge(IJobReader store, IOptions<HealthOptions> options, TimeProvider time)
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<QueueHealth>> JudgeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        try
        {
            var metrics = await store.GetMetricsAsync(queues, cancellationToken).WaitAsync(LongestLook, time, cancellationToken);
            var isFull = (await store.GetMemoryAsync(cancellationToken).WaitAsync(LongestLook, time, cancellationToken)).IsFull;
            return [.. metrics.Select(queue => Judge(queue, isFull))];
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

    /// <summary>A queue's status, and why in words.</summary>
    public (QueueHealthStatus Status, string Reason) Find(QueueMetrics metrics)
    {
        var limits = options.Value;
        return IsFailing(metrics) ? (QueueHealthStatus.Unhealthy, Text($"{metrics.FailureRate:P0} of the last hour's jobs failed (limit {limits.MaxFailureRate:P0})."))
            : metrics.Failed > limits.MaxFailed ? (QueueHealthStatus.Degraded, Text($"{metrics.Failed} jobs have failed (limit {limits.MaxFailed})."))
            : metrics.Waiting > limits.MaxWaiting ? (QueueHealthStatus.Degraded, Text($"{metrics.Waiting} jobs wait (limit {limits.MaxWaiting})."))
            : IsIdle(metrics) ? (QueueHealthStatus.Degraded, Text($"Jobs have waited for more than {limits.MaxIdle}, and none runs."))
            : (QueueHealthStatus.Healthy, "All is well.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private QueueHealth Judge(QueueMetrics metrics, bool isFull) => new(
        metrics.Name,
        isFull ? QueueHealthStatus.Unhealthy : Find(metrics).Status,
        new QueueHealthChecks(Redis: true, Accepting: !isFull, Processing: !metrics.IsPaused && !IsIdle(metrics), IsFailing(metrics)),
        metrics.FailureRate,
        metrics.AverageProcessingTime,
        time.GetUtcNow());

    private bool IsFailing(QueueMetrics metrics) => metrics.FailureRate > options.Value.MaxFailureRate;

    private bool IsIdle(QueueMetrics metrics) => metrics.Active == 0 && metrics.OldestWaitingAt is { } oldest && time.GetUtcNow() - oldest > options.Value.MaxIdle;
}
