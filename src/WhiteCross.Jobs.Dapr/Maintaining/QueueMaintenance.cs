using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr.Publishing;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Maintaining;

/// <summary>
/// Keeps a queue going whatever breaks: promotes due jobs, recovers stalled ones, finds waiting ones without an event, publishes dead letters that
/// are owed, and trims. Any number of instances may do so at once: what one takes is claimed.
/// </summary>
internal sealed partial class QueueMaintenance(
    string queue,
    QueueOptions options,
    IJobStore store,
    ILaneInspector lanes,
    JobEventPublisher events,
    DeadLetterPublisher deadLetters,
    TimeProvider time,
    ILogger<QueueMaintenance> logger) : BackgroundService
{
    private const int Batch = 500;

    // A job that another instance has put back meanwhile is seen within this time; one that this instance put back, exactly when it is due.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Trim = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private CancellationTokenSource _nap = new();
    private DateTimeOffset _wakeAt = DateTimeOffset.MaxValue;

    public static QueueMaintenance Create(IServiceProvider services, string queue, QueueOptions options) =>
        ActivatorUtilities.CreateInstance<QueueMaintenance>(services, queue, options);

    /// <summary>Makes the promoter look again at the latest at this time.</summary>
    public void WakeAt(DateTimeOffset dueAt)
    {
        lock (_gate)
        {
            if (dueAt < _wakeAt)
            {
                _wakeAt = dueAt;
                _nap.Cancel();
            }
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        PromoteLoopAsync(stoppingToken),
        Every(Sweep, SweepAsync, stoppingToken),
        Every(options.ReconcileAfter, ReconcileAsync, stoppingToken),
        Every(Trim, token => store.TrimAsync(queue, token), stoppingToken));

    public override void Dispose()
    {
        _nap.Dispose();
        base.Dispose();
    }

    private async Task PromoteLoopAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = time.GetUtcNow() + LongestWait;
            try
            {
                if (await PromoteAsync(stoppingToken) is { } due && due < LongestWait)
                {
                    next = time.GetUtcNow() + due;
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception, queue, "promote");
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await NapUntilAsync(next, stoppingToken);
        }
    }

    /// <returns>In how long the next job is due; null when none is.</returns>
    private async Task<TimeSpan?> PromoteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var due = await store.TakeDueAsync(queue, Batch, cancellationToken);
            if (due.Jobs.Count == 0)
            {
                return due.NextDueIn;
            }

            var failed = await events.PublishAsync(queue, due.Jobs, cancellationToken);
            var notPublished = failed.ToHashSet(StringComparer.Ordinal);
            var published = due.Jobs.Where(job => !notPublished.Contains(job.JobId)).Select(ClaimOf).ToList();
            if (published.Count > 0)
            {
                await store.ConfirmPublishedAsync(queue, published, cancellationToken);
            }

            if (failed.Count > 0)
            {
                // Handed back at once: a sidecar that starts again gets them at the next look, not only when the claim is over.
                await store.RequestEventsAsync(queue, [.. due.Jobs.Where(job => notPublished.Contains(job.JobId)).Select(ClaimOf)], cancellationToken);
                return due.NextDueIn;
            }

            if (due.Jobs.Count < Batch)
            {
                return due.NextDueIn;
            }
        }
    }

    private static JobClaim ClaimOf(JobEvent job) => new(job.JobId, job.Claim);

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var stalled = await store.RecoverStalledAsync(queue, Batch, cancellationToken);
        if (stalled > 0)
        {
            LogStalled(queue, stalled);
            JobTelemetry.Stalled(queue, stalled);
            WakeAt(time.GetUtcNow());
        }

        var owed = await store.TakeDeadLettersAsync(queue, limit: 50, cancellationToken);
        if (owed.Count > 0)
        {
            await deadLetters.PublishAsync(queue, owed, cancellationToken);
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        var ages = await lanes.GetOldestEventsAsync(queue, cancellationToken);
        var found = await store.ReconcileAsync(queue, ages, options.ReconcileAfter, Batch, cancellationToken);
        if (found > 0)
        {
            LogReconciled(queue, found);
            WakeAt(time.GetUtcNow());
        }
    }

    private async Task NapUntilAsync(DateTimeOffset until, CancellationToken stoppingToken)
    {
        CancellationToken nap;
        lock (_gate)
        {
            if (_nap.IsCancellationRequested)
            {
                _nap.Dispose();
                _nap = new CancellationTokenSource();
            }

            until = _wakeAt < until ? _wakeAt : until;
            _wakeAt = until;
            nap = _nap.Token;
        }

        var duration = until - time.GetUtcNow();
        if (duration > TimeSpan.Zero)
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(nap, stoppingToken);
            await Task.Delay(duration, time, linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_gate)
        {
            // A wish for a later time than this look stands.
            _wakeAt = _wakeAt <= time.GetUtcNow() ? DateTimeOffset.MaxValue : _wakeAt;
        }
    }

    private async Task Every(TimeSpan period, Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            do
            {
                try
                {
                    await work(stoppingToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogFailed(exception, queue, work.Method.Name);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} runs had gone silent; their jobs were taken back")]
    private partial void LogStalled(string queue, int count);

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} waiting jobs had no event in flight; they get new ones")]
    private partial void LogReconciled(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: could not {Work}; it will be tried again")]
    private partial void LogFailed(Exception exception, string queue, string work);
}
