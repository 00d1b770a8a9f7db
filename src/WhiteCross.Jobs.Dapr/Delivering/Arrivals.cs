using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// The jobs whose events are in this process. While one waits at the gate this process holds it on record; if the process dies, the hold runs out, and
/// the job gets another event within the lease, rather than when the sidecar delivers the old one again.
/// </summary>
internal sealed partial class Arrivals : IAsyncDisposable
{
    // Most jobs begin at once; only those that do not are worth a call of the store.
    private static readonly TimeSpan BeforeHold = TimeSpan.FromMilliseconds(50);

    // As many make up one call.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private const int LargestHold = 1000;

    private readonly ConcurrentDictionary<string, Arrival> _here = new(StringComparer.Ordinal);
    private readonly WakeSignal _signal = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly QueueWorker _worker;
    private readonly IJobStore _store;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Arrivals> _logger;
    private Task _holding = Task.CompletedTask;
    private bool _isDisposed;

    public Arrivals(QueueWorker worker, IJobStore store, QueueOptions options, TimeProvider time, ILogger<Arrivals> logger)
    {
        _worker = worker;
        _store = store;
        _options = options;
        _time = time;
        _logger = logger;
    }

    // Often enough that a call or two may fail.
    private TimeSpan Renewal => _options.Lease / 4;

    public void Start() => _holding = Task.Run(HoldLoopAsync);

    /// <summary>Takes a job to the gate. Returns what became of it, as <see cref="QueueWorker.DeliverAsync"/> does.</summary>
    public Task<DeliveryVerdict> DeliverAsync(string jobId, JobPriority priority)
    {
        var arrival = new Arrival(_time.GetTimestamp());
        var isFirst = _here.TryAdd(jobId, arrival);
        var verdict = _worker.DeliverAsync(new BeginRequest(jobId), priority);
        if (!isFirst || verdict.IsCompleted)
        {
            Forget(jobId, isFirst ? arrival : null);
            return verdict;
        }

        _signal.Set();
        return WaitAsync(jobId, arrival, verdict);
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

    private async Task<DeliveryVerdict> WaitAsync(string jobId, Arrival arrival, Task<DeliveryVerdict> verdict)
    {
        try
        {
            return await verdict;
        }
        finally
        {
            Forget(jobId, arrival);
        }
    }

    private void Forget(string jobId, Arrival? arrival)
    {
        if (arrival is not null)
        {
            _here.TryRemove(new KeyValuePair<string, Arrival>(jobId, arrival));
        }
    }

    private async Task HoldLoopAsync()
    {
        var wait = Timeout.InfiniteTimeSpan;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await (wait == Timeout.InfiniteTimeSpan ? _signal.WaitAsync(_stop.Token).AsTask() : _signal.WaitAsync(wait, _time, _stop.Token));
                await Task.Delay(Gather, _time, _stop.Token);
                wait = await HoldAsync();
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

    /// <summary>Holds what needs it.</summary>
    /// <returns>When to look again; infinite when nothing is to be held by then.</returns>
    private async Task<TimeSpan> HoldAsync()
    {
        var due = new List<KeyValuePair<string, Arrival>>();
        var next = Timeout.InfiniteTimeSpan;
        foreach (var pair in _here)
        {
            var rest = pair.Value.DueIn(_time, Renewal);
            if (rest is { } later && later > TimeSpan.Zero)
            {
                next = next == Timeout.InfiniteTimeSpan || later < next ? later : next;
            }
            else if (rest is not null)
            {
                due.Add(pair);
            }
        }

        foreach (var some in due.Chunk(LargestHold))
        {
            var asked = _time.GetTimestamp();
            var held = await _store.HoldAsync(_worker.Queue, [.. some.Select(pair => pair.Key)], _stop.Token);
            for (var i = 0; i < some.Length; i++)
            {
                some[i].Value.Note(asked, held[i]);
            }
        }

        return due.Count == 0 || (next != Timeout.InfiniteTimeSpan && next < Renewal) ? next : Renewal;
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} jobs that wait here could not be held on record; it will be tried again")]
    private partial void LogHoldFailed(Exception exception, string queue, int count);

    /// <summary>A job whose event is here.</summary>
    private sealed class Arrival(long arrivedAt)
    {
        private long _heldAt;
        private bool _isHeld;
        private bool _hasBegun;

        /// <summary>In how long it must be held (again); null when it does not wait any more.</summary>
        public TimeSpan? DueIn(TimeProvider time, TimeSpan renewal) =>
            _hasBegun ? null
            : _isHeld ? renewal - time.GetElapsedTime(_heldAt)
            : BeforeHold - time.GetElapsedTime(arrivedAt);

        public void Note(long heldAt, bool isHeld) => (_heldAt, _isHeld, _hasBegun) = (heldAt, true, !isHeld);
    }
}
