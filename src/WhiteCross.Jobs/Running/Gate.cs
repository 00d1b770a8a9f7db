using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Running;

/// <summary>Where a run goes that has begun.</summary>
internal enum Placement
{
    /// <summary>A slot is free for it.</summary>
    Slot,

    /// <summary>It waits for the next one.</summary>
    Ready,

    /// <summary>The worker stops: it must be given back.</summary>
    Closed,
}

/// <summary>
/// Who begins, and who gets a slot: events that wait, runs that are ready, and the arithmetic of the slots. Does no I/O; what it decides is carried out
/// elsewhere.
/// </summary>
internal sealed class Gate(QueueOptions options, TimeProvider time)
{
    // A batch of begins beyond this gains nothing: the call's fixed cost is spread thin already.
    public const int LargestBegin = 64;

    // Begins under way at once: while the handlers of one batch start, the store works on the next.
    public const int BeginsAtOnce = 2;

    /// <summary>
    /// Runs may begin ahead of a free slot only as far as the slots clear within this time, so that a run never sits on its lease for long, an urgent
    /// job never stands behind more than this, and slow jobs are left for other instances.
    /// </summary>
    private const double AheadMilliseconds = 20;

    // The weight of the newest attempt in the running average of durations: recent enough to notice when jobs turn slow.
    private const double NewestWeight = 0.1;

    // Ends that may wait for the record before nothing new begins: what cannot be written must not pile up.
    private const int MostOwed = 1024;

    private readonly Lock _lock = new();
    private readonly PriorityGate<Delivery> _pending = new(options.Ageing);
    private readonly PriorityGate<RunningJob> _ready = new(options.Ageing);
    private readonly long _epoch = time.GetTimestamp();
    private int _held;
    private int _begins;
    private int _running;
    private int _owed;
    private double _averageMilliseconds = double.PositiveInfinity;
    private TimeSpan _slotClearedAt;
    private bool _isClosed;

    /// <summary>Set when there may be something to begin.</summary>
    public WakeSignal Signal { get; } = new();

    public int SlotsInUse => Volatile.Read(ref _running);

    /// <summary>How long attempts took of late, on average; null before the first one has ended.</summary>
    public double? AverageMilliseconds
    {
        get
        {
            lock (_lock)
            {
                return double.IsFinite(_averageMilliseconds) ? _averageMilliseconds : null;
            }
        }
    }

    public bool IsClosed => Volatile.Read(ref _isClosed);

    private TimeSpan Elapsed => time.GetElapsedTime(_epoch);

    /// <returns>False when nobody is let in any more.</returns>
    public bool TryEnter(Delivery delivery)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            _pending.Enqueue(delivery, delivery.Priority, Elapsed);
            Wake();
            return true;
        }
    }

    /// <summary>Takes those whose turn it is to begin. Each batch that was taken needs an <see cref="EndBatch"/>.</summary>
    public bool TakeBatch(List<Delivery> batch)
    {
        batch.Clear();
        lock (_lock)
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

    /// <summary>Takes those that have waited to begin for longer than this.</summary>
    public IReadOnlyList<Delivery> TakeWaiting(TimeSpan longerThan)
    {
        lock (_lock)
        {
            var before = Elapsed - longerThan;
            var all = new List<Delivery>();
            while (_pending.TryTakeFromBefore(before, out var delivery))
            {
                all.Add(delivery);
            }

            return all;
        }
    }

    public void EndBatch()
    {
        lock (_lock)
        {
            _begins--;
        }
    }

    /// <summary>Finds the place of a run that has begun. One that is given back instead needs a <see cref="Release"/>.</summary>
    public Placement Place(RunningJob run)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return Placement.Closed;
            }

            if (_running < options.Concurrency)
            {
                _running++;
                return Placement.Slot;
            }

            if (_ready.Count == 0)
            {
                _slotClearedAt = Elapsed;
            }

            _ready.Enqueue(run, run.Run.Priority, Elapsed);
            return Placement.Ready;
        }
    }

    /// <summary>A slot has done with its run.</summary>
    /// <returns>What it runs next; null when the slot is free now.</returns>
    public RunningJob? Next()
    {
        lock (_lock)
        {
            _held--;
            if (_ready.TryTake(Elapsed, out var next))
            {
                _slotClearedAt = Elapsed;
            }
            else
            {
                next = null;
                _running--;
            }

            Wake();
            return next;
        }
    }

    /// <summary>These did not begin, or were given back.</summary>
    public void Release(int count)
    {
        lock (_lock)
        {
            _held -= count;
            Wake();
        }
    }

    /// <summary>
    /// Runs that have waited for a slot for longer than this without one having cleared: handlers have turned slow or are stuck, and other instances can have
    /// these. They need a <see cref="Release"/>.
    /// </summary>
    public IReadOnlyList<RunningJob> TakeOverdue(TimeSpan patience)
    {
        lock (_lock)
        {
            if (_ready.Count == 0 || Elapsed - _slotClearedAt < patience)
            {
                return [];
            }

            // Or the same ones would begin ahead again at once.
            _averageMilliseconds = Math.Max(_averageMilliseconds, patience.TotalMilliseconds * options.Concurrency);
            return TakeAll(_ready);
        }
    }

    /// <summary>The end of a run is to be put on record, or has been (a negative number).</summary>
    public void Owe(int count)
    {
        lock (_lock)
        {
            _owed += count;
            if (count < 0)
            {
                Wake();
            }
        }
    }

    public void NoteDuration(TimeSpan duration)
    {
        lock (_lock)
        {
            _averageMilliseconds = double.IsPositiveInfinity(_averageMilliseconds)
                ? duration.TotalMilliseconds
                : (_averageMilliseconds * (1 - NewestWeight)) + (duration.TotalMilliseconds * NewestWeight);
        }
    }

    /// <summary>Lets nobody in any more, and gives out who waits and who is ready.</summary>
    public (IReadOnlyList<Delivery> Waiting, IReadOnlyList<RunningJob> Ready) Close()
    {
        (IReadOnlyList<Delivery> Waiting, IReadOnlyList<RunningJob> Ready) rest;
        lock (_lock)
        {
            _isClosed = true;
            rest = (TakeAll(_pending), TakeAll(_ready));
        }

        Signal.Complete();
        return rest;
    }

    /// <summary>How many may begin now. Under the lock.</summary>
    private int MostToBegin()
    {
        if (_isClosed || _owed > MostOwed)
        {
            return 0;
        }

        var ahead = options.Concurrency * AheadMilliseconds / Math.Max(_averageMilliseconds, 0.01);
        var room = options.Concurrency + (int)Math.Min(ahead, BeginsAtOnce * LargestBegin) - _held;
        var most = Math.Min(room, _pending.Count);
        if (_begins > 0 && most < LargestBegin / BeginsAtOnce)
        {
            // A running begin will pick these up; one large call is cheaper than two.
            return 0;
        }

        return most > LargestBegin ? Math.Min((most + 1) / BeginsAtOnce, LargestBegin) : most;
    }

    /// <summary>Wakes whoever begins if there is something to do; after each event and each job there mostly is nothing. Under the lock.</summary>
    private void Wake()
    {
        if (MostToBegin() > 0)
        {
            Signal.Set();
        }
    }

    private List<T> TakeAll<T>(PriorityGate<T> line)
    {
        var all = new List<T>(line.Count);
        while (line.TryTake(Elapsed, out var item))
        {
            all.Add(item);
        }

        return all;
    }
}
