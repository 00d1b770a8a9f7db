using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>The job store of a system that several tests use one after the other: each puts an empty one behind it.</summary>
internal sealed class SwitchedJobStore : IJobStore
{
    private readonly InMemoryWorkerRegistry _workers = new(TimeProvider.System); // Services register once, whichever store is behind.
    private volatile Behind _behind = new(new InMemoryJobStore(JobQueues.DefaultOptions));
    private int _watchers;

    public IJobFailures Failures => new SwitchedFailures(this);

    public IWorkerRegistry Workers => _workers;

    private InMemoryJobStore Store => _behind.Store;

    // Services take this part once, and the store behind it changes.
    private sealed class SwitchedFailures(SwitchedJobStore switched) : IJobFailures
    {
        private IJobFailures Failures => switched.Store.Failures;

        public Task<IReadOnlyList<FailureGroup>> ListAsync(string queue, CancellationToken cancellationToken) => Failures.ListAsync(queue, cancellationToken);

        public Task<IReadOnlyList<string>> ListJobIdsAsync(string queue, string cause, DateTimeOffset? failedUntil, int limit, CancellationToken cancellationToken) =>
            Failures.ListJobIdsAsync(queue, cause, failedUntil, limit, cancellationToken);

        public Task<IReadOnlyDictionary<string, string>> ListNotesAsync(string queue, CancellationToken cancellationToken) => Failures.ListNotesAsync(queue, cancellationToken);

        public Task<bool> ReplaceNoteAsync(string queue, string cause, string? current, string? next, CancellationToken cancellationToken) =>
            Failures.ReplaceNoteAsync(queue, cause, current, next, cancellationToken);
    }

    /// <summary>Puts a store behind it; when this returns, whoever watches watches that one.</summary>
    public async Task SwitchAsync(InMemoryJobStore store, CancellationToken cancellationToken)
    {
        var old = _behind;
        var next = new Behind(store);
        _behind = next;
        await old.Gone.CancelAsync();
        await WaitUntilAsync(() => Task.FromResult(Volatile.Read(ref next.Watchers) == Volatile.Read(ref _watchers)), cancellationToken);
    }

    /// <summary>Waits until the services have ended what they were given to do, so that nothing of it reaches the next test.</summary>
    public Task WaitUntilQuietAsync(CancellationToken cancellationToken)
    {
        var behind = _behind;
        return WaitUntilAsync(
            async () =>
            {
                foreach (var (queue, jobId) in behind.Given.Keys)
                {
                    if ((await behind.Store.GetStatesAsync(queue, [jobId], cancellationToken))[0]?.State is JobState.Waiting or JobState.Active)
                    {
                        return false;
                    }
                }

                return true;
            },
            cancellationToken);
    }

    public Task<IReadOnlyList<AddResult>> AddAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken)
    {
        var behind = _behind;
        foreach (var job in jobs)
        {
            behind.Given[(queue, job.JobId)] = true;
        }

        return behind.Store.AddAsync(queue, jobs, cancellationToken);
    }

    public Task<IReadOnlyList<JobArrival>> ReceiveAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken)
    {
        var behind = _behind;
        foreach (var job in jobs)
        {
            behind.Given[(queue, job.JobId)] = true;
        }

        return behind.Store.ReceiveAsync(queue, jobs, cancellationToken);
    }

    public Task<IReadOnlyList<bool>> HoldAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        Store.HoldAsync(queue, jobIds, cancellationToken);

    public Task<IReadOnlyList<BeginResult>> BeginAsync(string queue, IReadOnlyList<BeginRequest> requests, CancellationToken cancellationToken)
    {
        var behind = _behind;
        foreach (var request in requests)
        {
            behind.Given[(queue, request.JobId)] = true;
        }

        return behind.Store.BeginAsync(queue, requests, cancellationToken);
    }

    public async IAsyncEnumerable<JobChange> WatchAsync(string queue, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _watchers);
        try
        {
            while (true)
            {
                var behind = _behind;
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, behind.Gone.Token);
                await using var changes = behind.Store.WatchAsync(queue, either.Token).GetAsyncEnumerator(either.Token);
                var next = changes.MoveNextAsync(); // From here on it misses nothing.
                Interlocked.Increment(ref behind.Watchers);
                try
                {
                    while (await IsThereAsync(next, behind.Gone.Token))
                    {
                        yield return changes.Current;
                        next = changes.MoveNextAsync();
                    }
                }
                finally
                {
                    Interlocked.Decrement(ref behind.Watchers);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    public Task<IReadOnlyList<LeaseState>> FinishAsync(string queue, IReadOnlyList<RunEnd> ends, CancellationToken cancellationToken) => Store.FinishAsync(queue, ends, cancellationToken);

    public Task<IReadOnlyList<LeaseState>> RenewAsync(string queue, IReadOnlyList<RunKey> runs, CancellationToken cancellationToken) => Store.RenewAsync(queue, runs, cancellationToken);

    public Task<IReadOnlyList<LeaseState>> ReportAsync(string queue, IReadOnlyList<RunReport> reports, CancellationToken cancellationToken) =>
        Store.ReportAsync(queue, reports, cancellationToken);

    public Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> GetStepsAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        Store.GetStepsAsync(queue, jobId, cancellationToken);

    public Task<DueJobs> TakeDueAsync(string queue, int limit, CancellationToken cancellationToken) => Store.TakeDueAsync(queue, limit, cancellationToken);

    public Task ConfirmPublishedAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken) =>
        Store.ConfirmPublishedAsync(queue, published, cancellationToken);

    public Task RequestEventsAsync(string queue, IReadOnlyList<JobClaim> jobs, CancellationToken cancellationToken) => Store.RequestEventsAsync(queue, jobs, cancellationToken);

    public Task<int> ReconcileAsync(
        string queue, IReadOnlyDictionary<JobPriority, TimeSpan> lowWaterMarks, TimeSpan minimumAge, int limit, CancellationToken cancellationToken) =>
        Store.ReconcileAsync(queue, lowWaterMarks, minimumAge, limit, cancellationToken);

    public Task<int> RecoverStalledAsync(string queue, int limit, CancellationToken cancellationToken) => Store.RecoverStalledAsync(queue, limit, cancellationToken);

    public Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, int limit, CancellationToken cancellationToken) =>
        Store.TakeDeadLettersAsync(queue, limit, cancellationToken);

    public Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        Store.TakeDeadLettersAsync(queue, jobIds, cancellationToken);

    public Task ConfirmDeadLettersAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken) =>
        Store.ConfirmDeadLettersAsync(queue, published, cancellationToken);

    public Task<bool> FailUndeliverableAsync(string queue, NewJob job, CancellationToken cancellationToken) => Store.FailUndeliverableAsync(queue, job, cancellationToken);

    public Task<int> TrimAsync(string queue, CancellationToken cancellationToken) => Store.TrimAsync(queue, cancellationToken);

    public Task<JobRecord?> GetAsync(string queue, string jobId, CancellationToken cancellationToken) => Store.GetAsync(queue, jobId, cancellationToken);

    public Task<IReadOnlyList<KnownJob?>> GetStatesAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        Store.GetStatesAsync(queue, jobIds, cancellationToken);

    public Task<JobPage> ListAsync(string queue, JobQuery query, CancellationToken cancellationToken) => Store.ListAsync(queue, query, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome>> RetryAsync(string queue, IReadOnlyList<string>? jobIds, DateTimeOffset? failedUntil, CancellationToken cancellationToken) =>
        Store.RetryAsync(queue, jobIds, failedUntil, cancellationToken);

    public Task<ChangeOutcome> PromoteAsync(string queue, string jobId, CancellationToken cancellationToken) => Store.PromoteAsync(queue, jobId, cancellationToken);

    public Task<ChangeOutcome> CancelAsync(string queue, string jobId, CancellationToken cancellationToken) => Store.CancelAsync(queue, jobId, cancellationToken);

    public Task<ChangeOutcome> RemoveAsync(string queue, string jobId, CancellationToken cancellationToken) => Store.RemoveAsync(queue, jobId, cancellationToken);

    public Task<JobPage> ListByTermAsync(string queue, string term, int limit, string? cursor, CancellationToken cancellationToken) =>
        Store.ListByTermAsync(queue, term, limit, cursor, cancellationToken);

    public Task<ChangeOutcome> RetryWithAsync(string queue, NewJob job, DateTimeOffset failedUntil, CancellationToken cancellationToken) =>
        Store.RetryWithAsync(queue, job, failedUntil, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome>> RecallAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) => Store.RecallAsync(queue, jobIds, cancellationToken);

    public Task<ChangeOutcome> AmendResultAsync(string queue, string jobId, ReadOnlyMemory<byte> result, CancellationToken cancellationToken) =>
        Store.AmendResultAsync(queue, jobId, result, cancellationToken);

    public Task<bool> PauseAsync(string queue, CancellationToken cancellationToken) => Store.PauseAsync(queue, cancellationToken);

    public Task<bool> ResumeAsync(string queue, CancellationToken cancellationToken) => Store.ResumeAsync(queue, cancellationToken);

    public Task<long> CleanAsync(string queue, TimeSpan completedGrace, TimeSpan failedGrace, CancellationToken cancellationToken) =>
        Store.CleanAsync(queue, completedGrace, failedGrace, cancellationToken);

    public Task<IReadOnlyList<QueueMetrics>> GetMetricsAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => Store.GetMetricsAsync(queues, cancellationToken);

    public Task<IReadOnlyList<QueueHistory>> GetHistoryAsync(IReadOnlyList<string> queues, int minutes, CancellationToken cancellationToken) =>
        Store.GetHistoryAsync(queues, minutes, cancellationToken);

    public Task<bool> IsAvailableAsync(CancellationToken cancellationToken) => Store.IsAvailableAsync(cancellationToken);

    private static async Task<bool> IsThereAsync(ValueTask<bool> next, CancellationToken gone)
    {
        try
        {
            return await next;
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>A store with what it is used for.</summary>
    private sealed class Behind(InMemoryJobStore store)
    {
        public int Watchers;

        public InMemoryJobStore Store => store;

        public CancellationTokenSource Gone { get; } = new();

        /// <summary>The jobs that the system added or began, not the test.</summary>
        public ConcurrentDictionary<(string Queue, string JobId), bool> Given { get; } = new();
    }
}
