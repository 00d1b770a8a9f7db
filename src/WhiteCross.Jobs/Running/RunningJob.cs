using System.Diagnostics;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// A run in this process: its token, why it stopped, and whether it is over. Over is decided once, by whoever comes first: the handler that returns, or the
/// watch that gives up on it. What the handler reports afterwards is refused.
/// </summary>
internal sealed class RunningJob(JobRun run, Delivery delivery, WorkerContext context, Reports reports, long leaseSentAt) : IJobReporter, IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private RunReports? _reports;
    private RunSteps? _steps;
    private StopCause _cause;
    private long _leaseSentAt = leaseSentAt;
    private int _waitsForStore;
    private bool _isInHandler;
    private bool _isEnded;
    private bool _isDisposed;

    public JobRun Run { get; } = run;

    public Delivery Delivery { get; } = delivery;

    public CancellationToken Token => _stop.Token;

    /// <summary>When the handler got the job, or, until it does, when the run began; a timestamp.</summary>
    public long StartedAt { get; private set; } = leaseSentAt;

    /// <summary>Whether a handler has it that has not come to an end.</summary>
    public bool IsInHandler
    {
        get
        {
            lock (_lock)
            {
                return _isInHandler && !_isEnded;
            }
        }
    }

    /// <summary>What decides how the run ends.</summary>
    public AttemptFacts Facts => new(Run, StopCause, HadStoreTrouble, context.Options);

    /// <summary>When the token fired; a timestamp.</summary>
    public long StoppedAt { get; private set; }

    /// <summary>What is known to be the end although the handler's things are still being cleared away.</summary>
    public RunEnd? Decided { get; set; }

    /// <summary>Whether the handler goes on although its run was given up.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>Whether the store was in trouble while the handler needed it: then the time that this took is not the job's fault.</summary>
    public bool HadStoreTrouble { get; private set; }

    public StopCause StopCause
    {
        get
        {
            lock (_lock)
            {
                return _cause;
            }
        }
    }

    /// <summary>How long ago the call was sent that the lease counts from; it is surely not younger than this.</summary>
    public TimeSpan LeaseAge => context.Time.GetElapsedTime(Volatile.Read(ref _leaseSentAt));

    /// <summary>Whether the handler waits for the store through us: then it is not the handler that is stuck.</summary>
    public bool WaitsForStore() => Volatile.Read(ref _waitsForStore) > 0;

    /// <summary>The lease was renewed by a call that was sent then.</summary>
    public void Renewed(long sentAt) => Volatile.Write(ref _leaseSentAt, sentAt);

    /// <summary>The run has its slot.</summary>
    public void EnterHandler()
    {
        lock (_lock)
        {
            StartedAt = context.Time.GetTimestamp();
            _isInHandler = true;
        }
    }

    /// <summary>Fires the run's token. The first cause counts, except that a lost lease outranks all: nothing may be written then.</summary>
    public void Stop(StopCause cause)
    {
        lock (_lock)
        {
            if (_isEnded || (_cause != StopCause.None && (cause != StopCause.LeaseLost || _cause == StopCause.LeaseLost)))
            {
                return;
            }

            StoppedAt = _cause == StopCause.None ? context.Time.GetTimestamp() : StoppedAt;
            _cause = cause;
        }

        // Handlers may have registered slow callbacks; they must not run on the loop that renews leases.
        _ = Task.Run(Cancel);
    }

    /// <summary>Ends the run in this process, if it has not ended.</summary>
    /// <param name="end">How it ends; null when its job went on without it.</param>
    /// <param name="isStuck">Whether its handler goes on.</param>
    /// <param name="complete">The end with what the run has not yet reported.</param>
    /// <returns>False when somebody else has ended it.</returns>
    public bool TryEnd(RunEnd? end, bool isStuck, out RunEnd? complete)
    {
        lock (_lock)
        {
            complete = null;
            if (_isEnded)
            {
                return false;
            }

            _isEnded = true;
            IsStuck = isStuck;
            complete = end is null ? null : _reports?.Complete(end) ?? end;
            return true;
        }
    }

    /// <summary>What is to be reported now; null when there is nothing.</summary>
    public RunReport? TakeReport()
    {
        lock (_lock)
        {
            return _isEnded ? null : _reports?.Take();
        }
    }

    /// <summary>A report that was sent and not confirmed: it must be on record before the end is.</summary>
    public RunReport? UnsentReport()
    {
        lock (_lock)
        {
            return _reports?.Unsent;
        }
    }

    /// <summary>The report is on record, or never will be.</summary>
    public void SettleReport(RunReport report)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_reports?.Unsent, report) || !_reports.Settle() || _isEnded)
            {
                return;
            }
        }

        reports.Queue(this);
    }

    public void NoteStoreTrouble() => HadStoreTrouble = true;

    /// <summary>The handler waits for the store until what this returns is disposed.</summary>
    public IDisposable WaitForStore()
    {
        Interlocked.Increment(ref _waitsForStore);
        return new Waiting(this);
    }

    public ValueTask ReportProgressAsync(JobProgress progress) => Report(known => known.Add(progress));

    public ValueTask LogAsync(string line) => Report(known => known.Add(TextLimits.Cut(line ?? string.Empty, TextLimits.LogLine)));

    public ValueTask<ReadOnlyMemory<byte>?> FindStepAsync(string name, CancellationToken cancellationToken) => Steps().FindAsync(name, cancellationToken);

    public async Task<T> RunStepAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        Steps().EnsureRoom(name);
        EnsureMayAct();
        using var activity = JobTelemetry.Source.StartActivity($"step {name}", ActivityKind.Internal);
        return await (step(cancellationToken) ?? throw new InvalidOperationException($"Step '{name}' returned null instead of a task."));
    }

    public ValueTask SaveStepAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_isEnded)
            {
                throw new JobLeaseLostException("The attempt is over; nothing that it still reports is taken.");
            }
        }

        return Steps().SaveAsync(name, result);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        _stop.Dispose();
    }

    /// <summary>An effect outside may only begin while nobody else can have the job.</summary>
    private void EnsureMayAct()
    {
        lock (_lock)
        {
            if (_isEnded || _cause == StopCause.LeaseLost)
            {
                throw new JobLeaseLostException();
            }

            if (_cause == StopCause.LeaseOver)
            {
                throw new OperationCanceledException("The run's lease may be over; the step was not run.", Token);
            }
        }
    }

    private ValueTask Report(Func<RunReports, bool> add)
    {
        bool mustQueue;
        lock (_lock)
        {
            // What a handler says after its end has no place to go.
            mustQueue = !_isEnded && add(_reports ??= new RunReports(Run.Key));
        }

        if (mustQueue)
        {
            reports.Queue(this);
        }

        return ValueTask.CompletedTask;
    }

    private RunSteps Steps()
    {
        lock (_lock)
        {
            return _steps ??= new RunSteps(this, context);
        }
    }

    private void Cancel()
    {
        try
        {
            lock (_lock)
            {
                if (_isDisposed)
                {
                    return;
                }
            }

            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run ended meanwhile.
        }
        catch (AggregateException)
        {
            // A callback of the handler threw; its run is over all the same.
        }
    }

    private sealed class Waiting(RunningJob run) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref run._waitsForStore);
    }
}
