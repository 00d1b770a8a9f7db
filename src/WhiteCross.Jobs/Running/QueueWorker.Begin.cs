using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>From the gate to a handler.</summary>
public sealed partial class QueueWorker
{
    // A batch of begins beyond this gains nothing: the call's fixed cost is spread thin already.
    private const int LargestBegin = 64;

    // Begins under way at once: while the handlers of one batch start, the store works on the next.
    private const int BeginsAtOnce = 2;

    /// <summary>
    /// Runs may begin ahead of a free slot only as far as the slots clear within this time, so that a run never sits on its lease for long, an urgent
    /// job never stands behind more than this, and slow jobs are left for other instances.
    /// </summary>
    private const double AheadMilliseconds = 20;

    private async Task PumpAsync()
    {
        var batch = new List<Delivery>();
        while (await _pumpSignal.WaitAsync())
        {
            while (TakeBatch(batch))
            {
                await BeginAsync(batch);
                lock (_gate)
                {
                    _begins--;
                }
            }
        }
    }

    private bool TakeBatch(List<Delivery> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            var most = MostToBegin();
            while (batch.Count < most && _pending.TryTake(Elapsed, out var delivery))
            {
                batch.Add(delivery);
            }

            _held += batch.Count;
            _begins += batch.Count > 0 ? 1 : 0;
        }

        return batch.Count > 0;
    }

    /// <summary>How many may begin now. Under the gate's lock.</summary>
    private int MostToBegin()
    {
        if (_isDraining)
        {
            return 0;
        }

        var ahead = _options.Concurrency * AheadMilliseconds / Math.Max(_averageMilliseconds, 0.01);
        var room = _options.Concurrency + (int)Math.Min(ahead, BeginsAtOnce * LargestBegin) - _held;
        var most = Math.Min(room, _pending.Count);
        if (_begins > 0 && most < LargestBegin / BeginsAtOnce)
        {
            // Whoever has a begin under way takes these with its next: two halves would cost the store more than one whole.
            return 0;
        }

        return most > LargestBegin ? Math.Min((most + 1) / BeginsAtOnce, LargestBegin) : most;
    }

    /// <summary>Wakes a pump if there is something for it to do; after each event and each job it would mostly find nothing. Under the gate's lock.</summary>
    private void WakePump()
    {
        if (MostToBegin() > 0)
        {
            _pumpSignal.Set();
        }
    }

    private async Task BeginAsync(List<Delivery> batch)
    {
        IReadOnlyList<BeginResult> results;
        var asked = _time.GetTimestamp();
        try
        {
            results = await Store.BeginAsync(Queue, [.. batch.Select(delivery => delivery.Request)], CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever the store's trouble is: these events are answered, and the pump goes on.
        catch (Exception exception)
        {
            LogBeginFailed(exception, Queue, batch.Count);
            Release(batch.Count);
            foreach (var delivery in batch)
            {
                Answer(delivery, DeliveryVerdict.Retry);
            }

            return;
        }
#pragma warning restore CA1031

        // An answer that took longer than a lease, to a process that was frozen above all, tells of runs that others may have taken back since.
        var isTooLate = _time.GetElapsedTime(asked) >= _options.Lease;
        for (var i = 0; i < batch.Count; i++)
        {
            if (results[i].Run is { } run)
            {
                Ready(new RunningJob(this, run, batch[i]), isTooLate);
            }
            else
            {
                Release(1);
                Answer(batch[i], results[i].Outcome == BeginOutcome.Unknown ? DeliveryVerdict.Unknown : DeliveryVerdict.Success);
            }
        }
    }

    private void Ready(RunningJob run, bool isTooLate)
    {
        _runs[run.Run.Key] = run;
        bool hasSlot;
        lock (_gate)
        {
            isTooLate |= _isDraining;
            hasSlot = _running < _options.Concurrency;
            if (!isTooLate && hasSlot)
            {
                _running++;
            }
            else if (!isTooLate)
            {
                _ready.Enqueue(run, run.Run.Priority, Elapsed);
            }
        }

        if (isTooLate)
        {
            End(run, new RunEnd(run.Run.Key, RunEndKind.Released));
            Release(1);
        }
        else if (hasSlot)
        {
            _ = Task.Run(() => SlotAsync(run));
        }
    }

    /// <summary>One slot: runs a job, then the most urgent one that is ready, until there is none.</summary>
    private async Task SlotAsync(RunningJob run)
    {
        for (var next = run; next is not null;)
        {
            await ExecuteAsync(next);
            lock (_gate)
            {
                _held--;
                if (!_ready.TryTake(Elapsed, out next))
                {
                    _running--;
                }

                WakePump();
            }
        }
    }

    private void Release(int count)
    {
        lock (_gate)
        {
            _held -= count;
            WakePump();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Queue}: {Count} jobs could not begin because the job store failed; their events will be delivered again")]
    private partial void LogBeginFailed(Exception exception, string queue, int count);
}
