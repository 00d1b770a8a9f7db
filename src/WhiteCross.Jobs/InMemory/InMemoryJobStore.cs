using System.Collections.Concurrent;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>
/// The job store in the memory of one process: for development, and as the plain statement of the rules that the store on Redis keeps too.
/// Its jobs end with the process.
/// </summary>
/// <param name="options">The options of a queue, by its name.</param>
/// <param name="timeProvider">The clock; the system's when left out.</param>
public sealed class InMemoryJobStore(Func<string, QueueOptions> options, TimeProvider? timeProvider = null) : IJobStore, IJobFailures
{
    private readonly ConcurrentDictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    public IJobFailures Failures => this;

    /// <inheritdoc/>
    public IWorkerRegistry Workers { get; } = new InMemoryWorkerRegistry(timeProvider ?? TimeProvider.System);

    Task<IReadOnlyList<FailureGroup>> IJobFailures.ListAsync(string queue, CancellationToken cancellationToken) => On(queue, q => q.Failures(), cancellationToken);

    Task<IReadOnlyList<string>> IJobFailures.ListJobIdsAsync(
        string queue, string cause, DateTimeOffset? failedUntil, int limit, CancellationToken cancellationToken) =>
        On(queue, q => q.FailedIds(cause, failedUntil, limit), cancellationToken);

    Task<IReadOnlyDictionary<string, string>> IJobFailures.ListNotesAsync(string queue, CancellationToken cancellationToken) =>
        On(queue, q => q.Notes(), cancellationToken);

    Task<bool> IJobFailures.ReplaceNoteAsync(string queue, string cause, string? current, string? next, CancellationToken cancellationToken) =>
        On(queue, q => q.ReplaceNote(cause, current, next), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AddResult>> AddAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken) =>
        On(queue, q => q.Add(jobs), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JobArrival>> ReceiveAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken) =>
        On(queue, q => q.Receive(jobs), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<bool>> HoldAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        On(queue, q => q.Hold(jobIds), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BeginResult>> BeginAsync(string queue, IReadOnlyList<BeginRequest> requests, CancellationToken cancellationToken) =>
        On(queue, q => q.Begin(requests), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeaseState>> FinishAsync(string queue, IReadOnlyList<RunEnd> ends, CancellationToken cancellationToken) =>
        On(queue, q => q.Finish(ends), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeaseState>> RenewAsync(string queue, IReadOnlyList<RunKey> runs, CancellationToken cancellationToken) =>
        On(queue, q => q.Renew(runs), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeaseState>> ReportAsync(string queue, IReadOnlyList<RunReport> reports, CancellationToken cancellationToken) =>
        On(queue, q => q.Report(reports), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> GetStepsAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        On(queue, q => q.GetSteps(jobId), cancellationToken);

    /// <inheritdoc/>
    public Task<DueJobs> TakeDueAsync(string queue, int limit, CancellationToken cancellationToken) =>
        On(queue, q => q.TakeDue(limit), cancellationToken);

    /// <inheritdoc/>
    public Task ConfirmPublishedAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken) =>
        On(queue, q => q.ConfirmPublished(published), cancellationToken);

    /// <inheritdoc/>
    public Task RequestEventsAsync(string queue, IReadOnlyList<JobClaim> jobs, CancellationToken cancellationToken) =>
        On(queue, q => q.RequestEvents(jobs), cancellationToken);

    /// <inheritdoc/>
    public Task<int> ReconcileAsync(
        string queue, IReadOnlyDictionary<JobPriority, TimeSpan> oldestEvents, TimeSpan minimumAge, int limit, CancellationToken cancellationToken) =>
        On(queue, q => q.Reconcile(oldestEvents, minimumAge, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<int> RecoverStalledAsync(string queue, int limit, CancellationToken cancellationToken) =>
        On(queue, q => q.RecoverStalled(limit), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, int limit, CancellationToken cancellationToken) =>
        On(queue, q => q.TakeDeadLetters(limit), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        On(queue, q => q.TakeDeadLetters(jobIds), cancellationToken);

    /// <inheritdoc/>
    public Task ConfirmDeadLettersAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken) =>
        On(queue, q => q.ConfirmDeadLetters(published), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> FailUndeliverableAsync(string queue, NewJob job, CancellationToken cancellationToken) =>
        On(queue, q => q.FailUndeliverable(job), cancellationToken);

    /// <inheritdoc/>
    public Task<int> TrimAsync(string queue, CancellationToken cancellationToken) => On(queue, q => q.Trim(), cancellationToken);

    /// <inheritdoc/>
    public Task<JobRecord?> GetAsync(string queue, string jobId, CancellationToken cancellationToken) => On(queue, q => q.Get(jobId), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<KnownJob?>> GetStatesAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        On(queue, q => q.GetStates(jobIds), cancellationToken);

    /// <inheritdoc/>
    public Task<JobPage> ListAsync(string queue, JobQuery query, CancellationToken cancellationToken) => On(queue, q => q.List(query), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ChangeOutcome>> RetryAsync(
        string queue, IReadOnlyList<string>? jobIds, DateTimeOffset? failedUntil, CancellationToken cancellationToken) =>
        On(queue, q => q.Retry(jobIds, failedUntil), cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> RetryWithAsync(string queue, NewJob job, DateTimeOffset failedUntil, CancellationToken cancellationToken) =>
        On(queue, q => q.RetryWith(job, failedUntil), cancellationToken);

    /// <inheritdoc/>
    public Task<JobPage> ListByTermAsync(string queue, string term, int limit, string? cursor, CancellationToken cancellationToken) =>
        On(queue, q => q.ListByTerm(term, limit, cursor), cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> PromoteAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        On(queue, q => q.Promote(jobId), cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> CancelAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        On(queue, q => q.Cancel(jobId), cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> RemoveAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        On(queue, q => q.Remove(jobId), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ChangeOutcome>> RecallAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        On(queue, q => q.Recall(jobIds), cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> AmendResultAsync(string queue, string jobId, ReadOnlyMemory<byte> result, CancellationToken cancellationToken) =>
        On(queue, q => q.AmendResult(jobId, result), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> PauseAsync(string queue, CancellationToken cancellationToken) => On(queue, q => q.SetPaused(true), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ResumeAsync(string queue, CancellationToken cancellationToken) => On(queue, q => q.SetPaused(false), cancellationToken);

    /// <inheritdoc/>
    public Task<long> CleanAsync(string queue, TimeSpan completedGrace, TimeSpan failedGrace, CancellationToken cancellationToken) =>
        On(queue, q => q.Clean(completedGrace, failedGrace), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QueueMetrics>> GetMetricsAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        var metrics = new QueueMetrics[queues.Count];
        for (var i = 0; i < metrics.Length; i++)
        {
            metrics[i] = await On(queues[i], q => q.GetMetrics(), cancellationToken);
        }

        return metrics;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QueueHistory>> GetHistoryAsync(IReadOnlyList<string> queues, int minutes, CancellationToken cancellationToken)
    {
        var histories = new QueueHistory[queues.Count];
        for (var i = 0; i < histories.Length; i++)
        {
            histories[i] = await On(queues[i], q => q.GetHistory(minutes), cancellationToken);
        }

        return histories;
    }

    /// <inheritdoc/>
    public Task<bool> IsAvailableAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    /// <inheritdoc/>
    public IAsyncEnumerable<JobChange> WatchAsync(string queue, CancellationToken cancellationToken) => Queue(queue).Changes.WatchAsync(cancellationToken);

    private InMemoryQueue Queue(string name) => _queues.GetOrAdd(name, static (key, store) => new InMemoryQueue(key, store.Item1(key), store._time), (options, _time));

    private Task<T> On<T>(string queue, Func<InMemoryQueue, T> call, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var target = Queue(queue);
        lock (target)
        {
            try
            {
                return Task.FromResult(call(target));
            }
            catch (InvalidCursorException exception)
            {
                return Task.FromException<T>(exception);
            }
        }
    }
}
