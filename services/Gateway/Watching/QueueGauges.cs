using System.Diagnostics.Metrics;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>
/// The queues' numbers as OpenTelemetry instruments, from the latest snapshot: collecting them asks nobody. While the job store is away there are none but
/// <c>whitecross.store.available</c>, so that no chart shows an old number as a new one.
/// </summary>
internal sealed class QueueGauges
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "WhiteCross.Queues";

    private const string QueueTag = "messaging.destination.name";

    private readonly QueueSnapshots _snapshots;
    private readonly TimeProvider _time;

    public QueueGauges(IMeterFactory meters, QueueSnapshots snapshots, TimeProvider time)
    {
        (_snapshots, _time) = (snapshots, time);
        var meter = meters.Create(MeterName);
        meter.CreateObservableUpDownCounter("whitecross.queue.jobs", () => Each(JobsOf), "{job}", "Jobs on record, by queue and state.");
        meter.CreateObservableCounter("whitecross.queue.changes", () => Each(ChangesOf), "{change}", "What has happened to jobs since the queue's beginning, by queue and change.");
        meter.CreateObservableGauge("whitecross.queue.oldest_waiting.age", () => Each(AgeOf), "s", "How long the job has been waiting that waits longest; 0 when none does.");
        meter.CreateObservableGauge("whitecross.queue.failure_ratio", () => Each(FailureOf), description: "Jobs of the last hour that failed for good, as a share of those that ended.");
        meter.CreateObservableGauge("whitecross.queue.paused", () => Each(PauseOf), description: "1 while the queue is paused, else 0.");
        meter.CreateObservableGauge("whitecross.store.memory_ratio", MemoryOf, description: "How much of the memory that Redis may use (maxmemory) is used; 0 where there is no limit.");
        meter.CreateObservableGauge("whitecross.store.available", AvailabilityOf, description: "1 while the job store answers, else 0.");
    }

    private static IEnumerable<Measurement<long>> JobsOf(QueueMetrics queue) =>
    [
        Measure(queue.Waiting, queue, "state", "waiting"), Measure(queue.Active, queue, "state", "active"), Measure(queue.Delayed, queue, "state", "delayed"),
        Measure(queue.Paused, queue, "state", "paused"), Measure(queue.Completed, queue, "state", "completed"), Measure(queue.Failed, queue, "state", "failed"),
    ];

    private static IEnumerable<Measurement<long>> ChangesOf(QueueMetrics queue) =>
    [
        Measure(queue.Added, queue, "change", "added"), Measure(queue.CompletedTotal, queue, "change", "completed"), Measure(queue.FailedTotal, queue, "change", "failed"),
        Measure(queue.RetriedTotal, queue, "change", "retried"), Measure(queue.StalledTotal, queue, "change", "stalled"), Measure(queue.Removed, queue, "change", "removed"),
    ];

    private static IEnumerable<Measurement<double>> FailureOf(QueueMetrics queue) => [new(queue.FailureRate, new KeyValuePair<string, object?>(QueueTag, queue.Name))];

    private static IEnumerable<Measurement<int>> PauseOf(QueueMetrics queue) => [new(queue.IsPaused ? 1 : 0, new KeyValuePair<string, object?>(QueueTag, queue.Name))];

    private static Measurement<long> Measure(long value, QueueMetrics queue, string tag, string what) => new(value, new(QueueTag, queue.Name), new(tag, what));

    private IEnumerable<Measurement<double>> AgeOf(QueueMetrics queue)
    {
        var age = queue.OldestWaitingAt is { } since ? Math.Max(0, (_time.GetUtcNow() - since).TotalSeconds) : 0;
        return [new(age, new KeyValuePair<string, object?>(QueueTag, queue.Name))];
    }

    private IEnumerable<Measurement<int>> AvailabilityOf() => _snapshots.Latest is { } latest ? [new(latest.IsStoreAvailable ? 1 : 0)] : [];

    private IEnumerable<Measurement<double>> MemoryOf() => _snapshots.Latest is { IsStoreAvailable: true } latest ? [new(latest.Memory.UsedRatio)] : [];

    private IEnumerable<Measurement<T>> Each<T>(Func<QueueMetrics, IEnumerable<Measurement<T>>> measure)
        where T : struct =>
        (_snapshots.Latest?.Queues ?? []).SelectMany(measure);
}
