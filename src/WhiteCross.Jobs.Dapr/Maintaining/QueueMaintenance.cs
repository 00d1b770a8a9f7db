using System.Collections.Concurrent;
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
    IJobOutbox store,
    ILaneInspector lanes,
    Announcer announcer,
    DeadLetterPublisher deadLetters,
    TimeProvider time,
    ILogger<QueueMaintenance> logger) : BackgroundService
{
    private const int Batch = 500;

    // A first look at a sidecar that has been away: enough to see whether it is back.
    private const int Probe = 10;

    // A job that another instance has put back meanwhile is seen within this time; one that this instance put back, exactly when it is due.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);
    // By so much a job's event may be younger than its record: it waits its turn, and for the sidecar.
    private static readonly TimeSpan LongestAnnouncing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Trim = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly WakeSignal _wake = new();
    private readonly ConcurrentDictionary<string, bool> _failing = new(StringComparer.Ordinal);
    private readonly long _epoch = time.GetTimestamp();
    private TimeSpan _wakeAt = TimeSpan.MaxValue;

    private TimeSpan Elapsed => time.GetElapsedTime(_epoch);

    public static QueueMaintenance Create(IServiceProvider services, string queue, QueueOptions options) =>
        ActivatorUtilities.CreateInstance<QueueMaintenance>(services, queue, options);

    /// <summary>Makes the promoter look again within this time at the latest.</summary>
    public void WakeIn(TimeSpan span)
    {
        lock (_lock)
        {
            var at = Elapsed + span;
            if (at >= _wakeAt)
            {
                return;
            }

            _wakeAt = at;
        }

        _wake.Set();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        PromoteLoopAsync(stoppingToken),
        Every(Sweep, "recover stalled jobs", RecoverAsync, stoppingToken),
        Every(Sweep, "publish dead letters", PublishDeadLettersAsync, stoppingToken),
        Every(options.ReconcileAfter, "reconcile", ReconcileAsync, stoppingToken),
        Every(Trim, "trim", token => store.TrimAsync(queue, token), stoppingToken));

    private async Task PromoteLoopAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                lock (_lock)
                {
                    // What anybody wants from here on is on record before the look that follows, or is a later wish.
                    _wakeAt = TimeSpan.MaxValue;
                }

                var wait = LongestWait;
                try
                {
                    if (await PromoteAsync(stoppingToken) is { } due && due < wait)
                    {
                        wait = due;
                    }

                    _failing.TryRemove("promote", out _);
                }
#pragma warning disable CA1031 // Whatever it is: the loop must go on.
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    Tell("promote", exception);
                }
#pragma warning restore CA1031

                await NapAsync(Elapsed + wait, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <returns>In how long the next job is due, or can be announced; null when none is.</returns>
    private async Task<TimeSpan?> PromoteAsync(CancellationToken cancellationToken)
    {
        while (announcer.IsWorthTrying)
        {
            var isAway = announcer.IsSidecarAway;
            var most = isAway ? Probe : Batch;
            var due = await store.TakeDueAsync(queue, most, cancellationToken);
            if (due.Jobs.Count > 0 && !await announcer.AnnounceDueAsync(queue, due.Jobs, cancellationToken))
            {
                return announcer.NextLookIn;
            }

            if (due.Jobs.Count < most)
            {
                return due.NextDueIn;
            }
        }

        return announcer.NextLookIn;
    }

    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var stalled = await store.RecoverStalledAsync(queue, Batch, cancellationToken);
        if (stalled > 0)
        {
            LogStalled(queue, stalled);
            JobTelemetry.Stalled(queue, stalled);
            WakeIn(TimeSpan.Zero);
        }
    }

    private Task PublishDeadLettersAsync(CancellationToken cancellationToken) => deadLetters.PublishOwedAsync(queue, cancellationToken);

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        var ages = await lanes.GetOldestEventsAsync(queue, cancellationToken);
        var older = ages.ToDictionary(lane => lane.Key, lane => lane.Value == TimeSpan.Zero ? TimeSpan.Zero : lane.Value + LongestAnnouncing);
        var found = await store.ReconcileAsync(queue, older, options.ReconcileAfter, Batch, cancellationToken);
        if (found > 0)
        {
            LogReconciled(queue, found);
            WakeIn(TimeSpan.Zero);
        }
    }

    /// <summary>Waits until then, or until somebody wishes to be served earlier.</summary>
    private async Task NapAsync(TimeSpan until, CancellationToken stoppingToken)
    {
        while (true)
        {
            TimeSpan rest;
            lock (_lock)
            {
                rest = (_wakeAt < until ? _wakeAt : until) - Elapsed;
            }

            if (rest <= TimeSpan.Zero)
            {
                return;
            }

            await _wake.WaitAsync(rest, time, stoppingToken);
        }
    }

    private async Task Every(TimeSpan period, string name, Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            do
            {
                try
                {
                    await work(stoppingToken);
                    _failing.TryRemove(name, out _);
                }
#pragma warning disable CA1031 // Whatever it is: the loop must go on.
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    Tell(name, exception);
                }
#pragma warning restore CA1031
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    // Once until it has worked again: some of this is tried twice a second. That Redis is away is told by its connection's log, once for all queues.
    private void Tell(string work, Exception exception)
    {
        if (exception is not JobStoreUnavailableException { IsFull: false } && _failing.TryAdd(work, true))
        {
            LogFailed(exception, queue, work);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} runs had gone silent; their jobs were taken back")]
    private partial void LogStalled(string queue, int count);

    [LoggerMessage(LogLevel.Information, "Queue {Queue}: {Count} waiting jobs had no event in flight; they get new ones")]
    private partial void LogReconciled(string queue, int count);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: could not {Work}; it is tried again until it can be")]
    private partial void LogFailed(Exception exception, string queue, string work);
}
