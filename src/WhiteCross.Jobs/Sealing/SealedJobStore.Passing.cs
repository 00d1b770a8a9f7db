using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Sealing;

/// <content>What has nothing to seal.</content>
public sealed partial class SealedJobStore
{
    /// <inheritdoc/>
    public IJobFailures Failures => inner.Failures;

    /// <inheritdoc/>
    public IWorkerRegistry Workers => inner.Workers;

    /// <inheritdoc/>
    public Task<IReadOnlyList<bool>> HoldAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        inner.HoldAsync(queue, jobIds, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeaseState>> RenewAsync(string queue, IReadOnlyList<RunKey> runs, CancellationToken cancellationToken) =>
        inner.RenewAsync(queue, runs, cancellationToken);

    /// <inheritdoc/>
    public Task<DueJobs> TakeDueAsync(string queue, int limit, CancellationToken cancellationToken) => inner.TakeDueAsync(queue, limit, cancellationToken);

    /// <inheritdoc/>
    public Task ConfirmPublishedAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken) =>
        inner.ConfirmPublishedAsync(queue, published, cancellationToken);

    /// <inheritdoc/>
    public Task RequestEventsAsync(string queue, IReadOnlyList<JobClaim> jobs, CancellationToken cancellationToken) =>
        inner.RequestEventsAsync(queue, jobs, cancellationToken);

    /// <inheritdoc/>
    public Task<int> ReconcileAsync(
        string queue, IReadOnlyDictionary<JobPriority, TimeSpan> oldestEvents, TimeSpan minimumAge, int limit, CancellationToken cancellationToken) =>
        inner.ReconcileAsync(queue, oldestEvents, minimumAge, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<int> RecoverStalledAsync(string queue, int limit, CancellationToken cancellationToken) => inner.RecoverStalledAsync(queue, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, int limit, CancellationToken cancellationToken) =>
        inner.TakeDeadLettersAsync(queue, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        inner.TakeDeadLettersAsync(queue, jobIds, cancellationToken);

    /// <inheritdoc/>
    public Task ConfirmDeadLettersAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken) =>
        inner.ConfirmDeadLettersAsync(queue, published, cancellationToken);

    /// <inheritdoc/>
    public Task<int> TrimAsync(string queue, CancellationToken cancellationToken) => inner.TrimAsync(queue, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<KnownJob?>> GetStatesAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        inner.GetStatesAsync(queue, jobIds, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<QueueMetrics>> GetMetricsAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) =>
        inner.GetMetricsAsync(queues, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<QueueHistory>> GetHistoryAsync(IReadOnlyList<string> queues, int minutes, CancellationToken cancellationToken) =>
        inner.GetHistoryAsync(queues, minutes, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> IsAvailableAsync(CancellationToken cancellationToken) => inner.IsAvailableAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<StoreMemory> GetMemoryAsync(CancellationToken cancellationToken) => inner.GetMemoryAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ChangeOutcome>> RetryAsync(
        string queue, IReadOnlyList<string>? jobIds, DateTimeOffset? failedUntil, CancellationToken cancellationToken) =>
        inner.RetryAsync(queue, jobIds, failedUntil, cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> PromoteAsync(string queue, string jobId, CancellationToken cancellationToken) => inner.PromoteAsync(queue, jobId, cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> CancelAsync(string queue, string jobId, CancellationToken cancellationToken) => inner.CancelAsync(queue, jobId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ChangeOutcome>> RecallAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        inner.RecallAsync(queue, jobIds, cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> RemoveAsync(string queue, string jobId, CancellationToken cancellationToken) => inner.RemoveAsync(queue, jobId, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> PauseAsync(string queue, CancellationToken cancellationToken) => inner.PauseAsync(queue, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ResumeAsync(string queue, CancellationToken cancellationToken) => inner.ResumeAsync(queue, cancellationToken);

    /// <inheritdoc/>
    public Task<long> CleanAsync(string queue, TimeSpan completedGrace, TimeSpan failedGrace, CancellationToken cancellationToken) =>
        inner.CleanAsync(queue, completedGrace, failedGrace, cancellationToken);
}
