using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// Runs the jobs of one queue in this process. An event comes in at the gate; when a slot is free the most urgent one begins; its handler runs under
/// a lease; its end goes on record; then the event is answered. Begins, ends, renewals and reports go to the store in batches that form by
/// themselves: while one call is under way, what comes in meanwhile makes up the next. This class puts the parts together:
/// <list type="bullet">
/// <item><see cref="Deliveries"/>, <see cref="Gate"/>, <see cref="BeginLoop"/>: from an event to a run;</item>
/// <item><see cref="Slots"/>, <see cref="Attempt"/>, <see cref="RunTimeouts"/>: from a run to its end, as <see cref="AttemptRules"/> decide it;</item>
/// <item><see cref="LeaseKeeper"/>, <see cref="RunWatch"/>, <see cref="Reports"/>: what goes on meanwhile;</item>
/// <item><see cref="Recorder"/>: the end's way to the record, and the event's answer.</item>
/// </list>
/// </summary>
public sealed partial class QueueWorker : IAsyncDisposable
{
    private readonly WorkerContext _context;
    private readonly Gate _gate;
    private readonly Deliveries _deliveries;
    private readonly RunTimeouts _timeouts;
    private readonly BackgroundWork _background;
    private readonly Recorder _recorder;
    private readonly Reports _reports;
    private readonly LeaseKeeper _leases;
    private readonly RunWatch _watch;
    private readonly BeginLoop _begins;
    private readonly List<Task> _loops = [];
    private IDisposable? _metrics;
    private bool _isDisposed;

    /// <summary>Creates the worker; <see cref="Start"/> makes it work.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="runs">The job store, for the runs.</param>
    /// <param name="outbox">The job store, for events that are owed.</param>
    /// <param name="options">The queue's options.</param>
    /// <param name="handlers">The queue's handlers.</param>
    /// <param name="scopes">Makes a scope for each attempt.</param>
    /// <param name="deadLetters">Publishes the dead letters of jobs that fail for good.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public QueueWorker(
        string queue,
        IJobRuns runs,
        IJobOutbox outbox,
        QueueOptions options,
        JobHandlerTable handlers,
        IServiceScopeFactory scopes,
        IDeadLetterPublisher deadLetters,
        TimeProvider time,
        ILogger<QueueWorker> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _context = new WorkerContext(queue, runs, outbox, options, time, logger);
        _gate = new Gate(options, time);
        _deliveries = new Deliveries { Again = delivery => _ = EnterAsync(delivery) };
        _timeouts = new RunTimeouts(time);
        _background = new BackgroundWork(_context);
        _reports = new Reports(_context) { Heed = LeaseKeeper.Heed };
        _recorder = new Recorder(_context, _gate, _deliveries, _background, deadLetters) { Postponed = due => Postponed?.Invoke(due) };
        _leases = new LeaseKeeper(_context);
        _watch = new RunWatch(_context, _gate, _recorder);
        var slots = new Slots(_context, _gate, new Attempt(_context, handlers, scopes, _timeouts), _recorder, _watch);
        _begins = new BeginLoop(_context, _gate, _deliveries, _reports) { Begun = slots.Take };
    }

    /// <summary>Tells that a job of this queue has been put back for later, and when it is due, so that it is promoted in time.</summary>
    public event Action<DateTimeOffset>? Postponed;

    /// <summary>The queue's name.</summary>
    public string Queue => _context.Queue;

    /// <summary>Handlers that run now.</summary>
    public int SlotsInUse => _gate.SlotsInUse;

    /// <summary>Those of them that were told to stop and have not: their attempts have been ended, and their slots stay taken until they return.</summary>
    public int SlotsStuck => _watch.Stuck;

    /// <summary>How long attempts took of late, on average; null before the first one has ended.</summary>
    public double? AverageMilliseconds => _gate.AverageMilliseconds;

    /// <summary>Makes the worker work.</summary>
    public void Start()
    {
        _metrics = JobTelemetry.ObserveSlots(Queue, _context.Options.Concurrency, () => SlotsInUse, () => SlotsStuck);
        Slots.ReserveThreads(_context.Options.Concurrency);
        for (var i = 0; i < Gate.BeginsAtOnce; i++)
        {
            Run("begins runs", _begins.RunAsync);
        }

        Run("puts ends on record", _recorder.RunAsync);
        Run("renews leases", _leases.RunAsync);
        Run("watches runs", _watch.RunAsync);
        Run("puts reports on record", _reports.RunAsync);
    }

    /// <summary>
    /// Takes an event. Returns when the attempt that it caused is accounted for; at once when it is about a job that waits or runs here already,
    /// since then the record guards the job, not the event. What awaits it goes on in the worker's own loop: whoever has more to do than a little yields
    /// first.
    /// </summary>
    /// <param name="request">The job.</param>
    /// <param name="priority">How urgent it is.</param>
    public Task<DeliveryVerdict> DeliverAsync(BeginRequest request, JobPriority priority) =>
        EnterAsync(new Delivery(request with { Holder = request.Holder ?? _context.NewHolder() }, priority));

    /// <summary>
    /// Stops: no run begins any more; the tokens of running handlers fire; what they had in hand goes back to waiting without losing an attempt, and
    /// so do the events at the gate. Returns when all is on record.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting for handlers that do not stop; their leases then run out.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var (waiting, ready) = _gate.Close();
        foreach (var run in ready)
        {
            _recorder.End(run, AttemptRules.GivenBack(run.Run));
        }

        foreach (var run in _context.Runs.Values)
        {
            run.Stop(StopCause.Shutdown);
        }

        await HandBackAsync(waiting);
        try
        {
            await Task.WhenAll([.. _deliveries.Verdicts, .. _background.UnderWay]).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogDrainTimedOut(_context.Logger, Queue, _context.Runs.Count);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        if (_metrics is not null)
        {
            _metrics.Dispose();
            Slots.ReturnThreads(_context.Options.Concurrency);
        }

        var (waiting, ready) = _gate.Close();
        foreach (var run in ready)
        {
            _recorder.End(run, AttemptRules.GivenBack(run.Run));
        }

        _recorder.Complete();
        await _context.StopAsync();
        await Task.WhenAll(_loops);
        foreach (var delivery in waiting)
        {
            _deliveries.Close(delivery, DeliveryVerdict.Retry);
        }

        _timeouts.Dispose();
        _context.Dispose();
    }

    private void Run(string name, Func<Task> loop) => _loops.Add(GuardedLoop.RunAsync(name, _context, loop));

    private Task<DeliveryVerdict> EnterAsync(Delivery delivery)
    {
        if (_deliveries.TryEnter(delivery) && !_gate.TryEnter(delivery))
        {
            return EnterLateAsync(delivery);
        }

        return delivery.Verdict;
    }

    private async Task<DeliveryVerdict> EnterLateAsync(Delivery delivery)
    {
        await HandBackAsync([delivery]);
        return await delivery.Verdict;
    }

    /// <summary>Events that cannot be served here any more: their jobs are on record, or get there, and are handed out for a new event.</summary>
    private async Task HandBackAsync(IReadOnlyList<Delivery> deliveries)
    {
        if (deliveries.Count == 0)
        {
            return;
        }

        var answer = DeliveryVerdict.Retry;
        try
        {
            NewJob[] described = [.. deliveries.Select(delivery => delivery.Request.IfMissing).OfType<NewJob>()];
            if (described.Length > 0)
            {
                await _context.Store.AddAsync(Queue, described, CancellationToken.None);
            }

            await _context.Outbox.RequestEventsAsync(Queue, [.. deliveries.Select(delivery => delivery.Request.JobId)], CancellationToken.None);
            answer = DeliveryVerdict.Success;
        }
#pragma warning disable CA1031 // The sidecar delivers them again, to another instance.
        catch (Exception exception)
        {
            LogNotHandedBack(_context.Logger, exception, Queue, deliveries.Count);
        }
#pragma warning restore CA1031
        finally
        {
            foreach (var delivery in deliveries)
            {
                _deliveries.Close(delivery, answer);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Runs} handlers did not stop in time; their leases run out and their jobs are recovered as stalled")]
    private static partial void LogDrainTimedOut(ILogger logger, string queue, int runs);

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} events could not be handed back at the stop; they will be delivered again")]
    private static partial void LogNotHandedBack(ILogger logger, Exception exception, string queue, int count);
}
