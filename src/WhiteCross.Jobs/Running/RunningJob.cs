using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>A run in this process: its token, and what it has reported but not yet put on record.</summary>
internal sealed class RunningJob : IJobReporter, IDisposable
{
    private readonly QueueWorker _worker;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _ownSteps = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? _earlierSteps;
    private JobProgress? _progress;
    private List<string>? _logs;
    private StopCause _cause;
    private bool _isReportQueued;
    private bool _isEnded;

    public RunningJob(QueueWorker worker, JobRun run, Delivery delivery)
    {
        _worker = worker;
        Run = run;
        Delivery = delivery;
    }

    public JobRun Run { get; }

    public Delivery Delivery { get; }

    public CancellationToken Token => _stop.Token;

    public StopCause StopCause => Cause;

    public StopCause Cause
    {
        get
        {
            lock (_gate)
            {
                return _cause;
            }
        }
    }

    /// <summary>Fires the run's token. The first cause counts, except that a lost lease outranks all: nothing may be written then.</summary>
    public void Stop(StopCause cause)
    {
        lock (_gate)
        {
            if (_isEnded || (_cause != StopCause.None && cause != StopCause.LeaseLost))
            {
                return;
            }

            _cause = cause;
        }

        // Handlers may have registered slow callbacks; they must not run on the renewal's loop.
        _ = Task.Run(() =>
        {
            try
            {
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
        });
    }

    /// <summary>Ends the run in this process and adds to its end what it has not yet reported.</summary>
    public RunEnd? End(RunEnd? end)
    {
        lock (_gate)
        {
            _isEnded = true;
            if (end is null || (_progress is null && _logs is null))
            {
                return end;
            }

            return end with { Progress = Serialize(_progress), Logs = _logs ?? [] };
        }
    }

    /// <summary>What has been reported since the last time; null when nothing has.</summary>
    public RunReport? TakeReport()
    {
        lock (_gate)
        {
            _isReportQueued = false;
            if (_isEnded || (_progress is null && _logs is null))
            {
                return null;
            }

            var report = new RunReport(Run.Key) { Progress = Serialize(_progress), Logs = _logs ?? [] };
            _progress = null;
            _logs = null;
            return report;
        }
    }

    public ValueTask ReportProgressAsync(JobProgress progress)
    {
        bool mustQueue;
        lock (_gate)
        {
            _progress = progress;
            mustQueue = !_isReportQueued;
            _isReportQueued = true;
        }

        if (mustQueue)
        {
            _worker.QueueReport(this);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask LogAsync(string line)
    {
        bool mustQueue;
        lock (_gate)
        {
            _logs ??= [];
            _logs.Add(TextLimits.Cut(line, TextLimits.LogLine));
            if (_logs.Count > JobStoreRules.MaxLogLines)
            {
                _logs.RemoveAt(0);
            }

            mustQueue = !_isReportQueued;
            _isReportQueued = true;
        }

        if (mustQueue)
        {
            _worker.QueueReport(this);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<ReadOnlyMemory<byte>?> FindStepAsync(string name, CancellationToken cancellationToken)
    {
        if (_ownSteps.TryGetValue(name, out var own))
        {
            return own;
        }

        if (!Run.HasRunBefore)
        {
            return null;
        }

        _earlierSteps ??= await _worker.Store.GetStepsAsync(_worker.Queue, Run.Key.JobId, cancellationToken);

        // Not `? result : null`: a null would become an empty memory, which an array converts to, and pass for a result.
        return _earlierSteps.TryGetValue(name, out var result) ? result : default(ReadOnlyMemory<byte>?);
    }

    public async Task<T> RunStepAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var activity = JobTelemetry.Source.StartActivity($"step {name}", ActivityKind.Internal);
        return await step(cancellationToken);
    }

    public async ValueTask SaveStepAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken)
    {
        if (result.Length > TextLimits.Result)
        {
            throw new PermanentJobException($"The result of step '{name}' has {result.Length} bytes; at most {TextLimits.Result} are kept. Keep it elsewhere and return a reference.");
        }

        // Not with the token that ended the attempt: the step has had its effect, and only what is on record keeps it from being repeated.
        var states = await _worker.Store.ReportAsync(
            _worker.Queue, [new RunReport(Run.Key) { Step = name, StepResult = result }], CancellationToken.None);
        if (states[0] == LeaseState.Lost)
        {
            Stop(StopCause.LeaseLost);
            throw new JobLeaseLostException();
        }

        _ownSteps[name] = result;
    }

    public void Dispose() => _stop.Dispose();

    private static ReadOnlyMemory<byte> Serialize(JobProgress? progress) =>
        progress is null ? default : JsonSerializer.SerializeToUtf8Bytes(progress, JsonSerializerOptions.Web);
}
