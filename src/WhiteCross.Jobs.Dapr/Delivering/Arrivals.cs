using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// The jobs whose events are in this process. While one waits at the gate this process holds it on record; if the process dies, the hold runs out, and
/// the job gets another event within the lease, rather than when the sidecar delivers the old one again. What waits for longer than
/// <see cref="QueueOptions.GiveBackAfter"/> while another process has free slots is given back: others get an event of it. It stays at the gate here, and
/// whoever begins it first has it.
/// </summary>
internal sealed partial class Arrivals : IAsyncDisposable
{
    // Most jobs begin at once; only those that do not are worth a call of the store.
    private static readonly TimeSpan BeforeHold = TimeSpan.FromMilliseconds(200);

    // As many make up one call.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private const int LargestCall = 1000;

    private readonly ConcurrentDictionary<string, Arrival> _here = new(StringComparer.Ordinal);
    private readonly WakeSignal _signal = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly QueueWorker _worker;
    private readonly string _workerId;
    private readonly IJobArrivals _store;
    private readonly IJobOutbox _outbox;
    private readonly IWorkerRegistry _workers;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Arrivals> _logger;
    private Task _holding = Task.CompletedTask;
    private long _lookedAt;
    private bool _isDisposed;

    public Arrivals(
        QueueWorker worker, string workerId, IJobArrivals store, IJobOutbox outbox, IWorkerRegistry workers, QueueOptions options, TimeProvider time, ILogger<Arrivals> logger)
    {
        _worker = worker;
        _workerId = workerId;
        _store = store;
        _outbox = outbox;
        _workers = workers;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Jobs have been given back: they need events now.</summary>
    public event Action? GaveBack;

    // Often enough that a call or two may fail.
    private TimeSpan Renewal => _options.Lease / 4;

    public void Start() => _holding = Task.Run(HoldLoopAsync);

    /// <summary>Takes a job to the gate. Returns what became of it, as <see cref="QueueWorker.DeliverAsync"/> does, or success once it is given back.</summary>
    public Task<DeliveryVerdict> DeliverAsync(string jobId, JobPriority priority)
    {
        var now = _time.GetTimestamp();
        var arrival = new Arrival(now);
        if (!_here.TryAdd(jobId, arrival))
        {
            if (_here.TryGetValue(jobId, out var known) && known.ComeAgain(now) is { } again)
            {
                _signal.Set();
                return again;
            }

            return _worker.DeliverAsync(new BeginRequest(jobId), priority);
        }

        var verdict = _worker.DeliverAsync(new BeginRequest(jobId), priority);
        if (verdict.IsCompleted)
        {
            Forget(jobId, arrival);
            return verdict;
        }

        _ = EndAsync(jobId, arrival, verdict);
        _signal.Set();
        return arrival.Outcome;
    }

    /// <summary>Holds nothing any more: what waits here is given back by the worker, for others.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _holding;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            await StopAsync();
            _stop.Dispose();
        }
    }

    private async Task EndAsync(string jobId, Arrival arrival, Task<DeliveryVerdict> verdict)
    {
        var answer = DeliveryVerdict.Retry;
        try
        {
            answer = await verdict;
        }
        finally
        {
            Forget(jobId, arrival);
            arrival.End(answer);
        }
    }

    private void Forget(string jobId, Arrival arrival) => _here.TryRemove(new KeyValuePair<string, Arrival>(jobId, arrival));

    private async Task HoldLoopAsync()
    {
        var wait = Timeout.InfiniteTimeSpan;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await (wait == Timeout.InfiniteTimeSpan ? _signal.WaitAsync(_stop.Token).AsTask() : _signal.WaitAsync(wait, _time, _stop.Token));
                await Task.Delay(Gather, _time, _stop.Token);
                await GiveBackAsync();
                await HoldAsync();
                wait = NextIn();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever the store's trouble is: these jobs' events are in the sidecar's hands still, and the next call may succeed.
            catch (Exception exception)
            {
                LogHoldFailed(exception, _worker.Queue, _here.Count);
                wait = LongestPause;
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>Holds those that wait and have not been held of late.</summary>
    private async Task HoldAsync()
    {
        foreach (var some in Where(arrival => arrival.HoldIn(_time, BeforeHold, Renewal)).Chunk(LargestCall))
        {
            var asked = _time.GetTimestamp();
            var held = await _store.HoldAsync(_worker.Queue, [.. some.Select(pair => pair.Key)], _stop.Token);
            for (var i = 0; i < some.Length; i++)
            {
                some[i].Value.Held(asked, held[i]);
            }
        }
    }

    /// <summary>Gives those back that have waited for too long, if another process could begin them.</summary>
    private async Task GiveBackAsync()
    {
        // Not more often than whoever gets them can tell that its slots are in use.
        if (_time.GetElapsedTime(_lookedAt) < _options.GiveBackAfter)
        {
            return;
        }

        var overdue = Where(arrival => arrival.OverdueIn(_time, _options.GiveBackAfter));
        if (overdue.Count == 0)
        {
            return;
        }

        _lookedAt = _time.GetTimestamp();
        var workers = await _workers.ListAsync(_worker.Queue, _stop.Token);
        if (!workers.Any(worker => worker.Id != _workerId && worker.SlotsInUse < worker.Slots))
        {
            return;
        }

        foreach (var some in overdue.Chunk(LargestCall))
        {
            await _outbox.RequestEventsAsync(_worker.Queue, [.. some.Select(pair => pair.Key)], _stop.Token);
            foreach (var (_, arrival) in some)
            {
                arrival.GiveBack();
            }
        }

        LogGaveBack(_worker.Queue, overdue.Count);
        GaveBack?.Invoke();
    }

    private List<KeyValuePair<string, Arrival>> Where(Func<Arrival, TimeSpan?> dueIn) =>
        [.. _here.Where(pair => dueIn(pair.Value) is { } rest && rest <= TimeSpan.Zero)];

    /// <summary>When to look again; infinite when nothing waits.</summary>
    private TimeSpan NextIn()
    {
        var next = TimeSpan.MaxValue;
        foreach (var (_, arrival) in _here)
        {
            next = Earlier(next, arrival.HoldIn(_time, BeforeHold, Renewal));
            next = Earlier(next, arrival.OverdueIn(_time, _options.GiveBackAfter) is { } overdue ? Later(overdue, _options.GiveBackAfter - _time.GetElapsedTime(_lookedAt)) : null);
        }

        return next == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : next;

        static TimeSpan Earlier(TimeSpan one, TimeSpan? other) => other < one ? other.Value : one;

        static TimeSpan Later(TimeSpan one, TimeSpan other) => other > one ? other : one;
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} jobs that wait here could not be held on record; it will be tried again")]
    private partial void LogHoldFailed(Exception exception, string queue, int count);

    [LoggerMessage(LogLevel.Debug, "Queue {Queue}: {Count} jobs that have waited here are given back, since another process has free slots")]
    private partial void LogGaveBack(string queue, int count);
}
