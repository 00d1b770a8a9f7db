using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>What the parts of one worker share.</summary>
internal sealed class WorkerContext : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly string _name = Guid.NewGuid().ToString("n")[..12];
    private long _holders;

    public WorkerContext(string queue, IJobRuns store, IJobOutbox outbox, QueueOptions options, TimeProvider time, ILogger logger)
    {
        (Queue, Store, Outbox, Options, Time, Logger) = (queue, store, outbox, options, time, logger);
        SafeLease = options.Lease * 0.8;

        // Taken once: what is still going on when the worker is disposed of asks this token, not its source.
        Stopping = _stop.Token;
    }

    public string Queue { get; }

    public IJobRuns Store { get; }

    public IJobOutbox Outbox { get; }

    public QueueOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    /// <summary>The runs whose leases are renewed: from their begin until their end is on record.</summary>
    public ConcurrentDictionary<RunKey, RunningJob> Runs { get; } = new();

    /// <summary>Fires when the worker ends for good. A drain goes before it.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>
    /// How long after a begin or renewal was <i>sent</i> its run may still act. The lease counts from later, when the store took the call; the margin is for
    /// clocks that run unlike and for a handler that needs a moment to stop.
    /// </summary>
    public TimeSpan SafeLease { get; }

    /// <summary>A name for whoever is about to begin a run; no other process and no other event has it.</summary>
    public string NewHolder() => string.Create(CultureInfo.InvariantCulture, $"{_name}-{Interlocked.Increment(ref _holders)}");

    public Task StopAsync() => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();
}
