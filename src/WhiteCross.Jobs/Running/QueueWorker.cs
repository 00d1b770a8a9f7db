using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// Runs the jobs of one queue in this process. An event comes in at the gate; when a slot is free the most urgent one begins; its handler runs under
/// a lease; its end goes on record; then the event is answered. Begins, ends, renewals and reports go to the store in batches that form by
/// themselves: while one call is under way, what comes in meanwhile makes up the next.
/// </summary>
public sealed partial class QueueWorker : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityGate<Delivery> _pending;
    private readonly PriorityGate<RunningJob> _ready;
    private readonly ConcurrentDictionary<string, Delivery> _here = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<RunKey, RunningJob> _runs = new();
    private readonly WakeSignal _pumpSignal = new();
    private readonly RunTimeouts _timeouts;
    private readonly CancellationTokenSource _loops = new();
    private readonly JobHandlerTable _handlers;
    private readonly IServiceScopeFactory _scopes;
    private readonly IDeadLetterPublisher _deadLetters;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<QueueWorker> _logger;
    private readonly long _epoch;
    private readonly List<Task> _tasks = [];
    private IDisposable? _slots;
    private int _held;
    private int _begins;
    private int _running;
    private double _averageMilliseconds = double.PositiveInfinity;
    private volatile bool _isDraining;
    private bool _isDisposed;

    /// <summary>Creates the worker; <see cref="Start"/> makes it work.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="store">The job store.</param>
    /// <param name="options">The queue's options.</param>
    /// <param name="handlers">The queue's handlers.</param>
    /// <param name="scopes">Makes a scope for each attempt.</param>
    /// <param name="deadLetters">Publishes the dead letters of jobs that fail for good.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public QueueWorker(
        string queue,
        IJobStore store,
        QueueOptions options,
        JobHandlerTable handlers,
        IServiceScopeFactory scopes,
        IDeadLetterPublisher deadLetters,
        TimeProvider time,
        ILogger<QueueWorker> logger)
    {
        Queue = queue;
        Store = store;
        _options = options;
        _handlers = handlers;
        _scopes = scopes;
        _deadLetters = deadLetters;
        _time = time;
        _logger = logger;
        _epoch = time.GetTimestamp();
        _timeouts = new RunTimeouts(time);
        _pending = new PriorityGate<Delivery>(options.Ageing);
        _ready = new PriorityGate<RunningJob>(options.Ageing);
    }

    /// <summary>Tells that a job of this queue has been put back for later, and when it is due, so that it is promoted in time.</summary>
    public event Action<DateTimeOffset>? Postponed;

    /// <summary>The queue's name.</summary>
    public string Queue { get; }

    /// <summary>Handlers that run now.</summary>
    public int SlotsInUse => Volatile.Read(ref _running);

    internal IJobStore Store { get; }

    private TimeSpan Elapsed => _time.GetElapsedTime(_epoch);

    /// <summary>Makes the worker work.</summary>
    public void Start()
    {
        _slots = JobTelemetry.ObserveSlots(Queue, _options.Concurrency, () => SlotsInUse);
        for (var i = 0; i < BeginsAtOnce; i++)
        {
            _tasks.Add(Task.Run(PumpAsync));
        }

        _tasks.Add(Task.Run(FinishLoopAsync));
        _tasks.Add(Task.Run(RenewLoopAsync));
        _tasks.Add(Task.Run(ReportLoopAsync));
    }

    /// <summary>
    /// Takes an event. Returns when the attempt that it caused is accounted for; at once when it is about a job that waits or runs here already,
    /// since then the record guards the job, not the event. What awaits it goes on in the worker's own loop: whoever has more to do than a little yields
    /// first.
    /// </summary>
    /// <param name="request">The job.</param>
    /// <param name="priority">How urgent it is.</param>
    public Task<DeliveryVerdict> DeliverAsync(BeginRequest request, JobPriority priority)
    {
        var delivery = new Delivery(request, priority);
        if (!_here.TryAdd(request.JobId, delivery))
        {
            return Task.FromResult(DeliveryVerdict.Success);
        }

        lock (_gate)
        {
            if (!_isDraining)
            {
                _pending.Enqueue(delivery, priority, Elapsed);
                WakePump();
                return delivery.Verdict;
            }
        }

        return HandBackAsync([delivery], delivery.Verdict);
    }

    /// <summary>
    /// Stops: no run begins any more; the tokens of running handlers fire; what they had in hand goes back to waiting without losing an attempt, and
    /// so do the events at the gate. Returns when all is on record.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting for handlers that do not stop; their leases then run out.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var waiting = new List<Delivery>();
        var ready = new List<RunningJob>();
        lock (_gate)
        {
            _isDraining = true;
            while (_pending.TryTake(Elapsed, out var delivery))
            {
                waiting.Add(delivery);
            }

            while (_ready.TryTake(Elapsed, out var run))
            {
                ready.Add(run);
            }
        }

        _pumpSignal.Complete();
        foreach (var run in ready)
        {
            End(run, new RunEnd(run.Run.Key, RunEndKind.Released));
        }

        foreach (var run in _runs.Values)
        {
            run.Stop(StopCause.Shutdown);
        }

        await HandBackAsync(waiting, Task.FromResult(DeliveryVerdict.Success));
        try
        {
            await Task.WhenAll(_here.Values.Select(delivery => delivery.Verdict)).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogDrainTimedOut(Queue, _runs.Count);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _isDraining = true;
        _slots?.Dispose();
        _pumpSignal.Complete();
        _ends.Writer.TryComplete();
        await _loops.CancelAsync();
        await Task.WhenAll(_tasks);
        _loops.Dispose();
        _timeouts.Dispose();
    }

    /// <summary>Events that cannot be served here any more: their jobs are on record, or get there, and are handed out for a new event.</summary>
    private async Task<DeliveryVerdict> HandBackAsync(List<Delivery> deliveries, Task<DeliveryVerdict> verdict)
    {
        if (deliveries.Count > 0)
        {
            var answer = DeliveryVerdict.Success;
            try
            {
                NewJob[] described = [.. deliveries.Select(delivery => delivery.Request.IfMissing).OfType<NewJob>()];
                if (described.Length > 0)
                {
                    await Store.AddAsync(Queue, described, CancellationToken.None);
                }

                await Store.RequestEventsAsync(Queue, [.. deliveries.Select(delivery => delivery.Request.JobId)], CancellationToken.None);
            }
            catch (JobStoreUnavailableException)
            {
                answer = DeliveryVerdict.Retry;
            }

            foreach (var delivery in deliveries)
            {
                Answer(delivery, answer);
            }
        }

        return await verdict;
    }

    private void Answer(Delivery delivery, DeliveryVerdict verdict)
    {
        _here.TryRemove(new KeyValuePair<string, Delivery>(delivery.Request.JobId, delivery));
        delivery.Answer(verdict);
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Runs} handlers did not stop in time; their leases run out and their jobs are recovered as stalled")]
    private partial void LogDrainTimedOut(string queue, int runs);
}
