using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// What a run has reported and is not on record yet. A report that was sent is kept until the store has confirmed it, and is sent again as it was, under its
/// number; what comes meanwhile gathers for the next. Not thread-safe: its run's lock guards it.
/// </summary>
internal sealed class RunReports(RunKey key)
{
    private JobProgress? _progress;
    private List<string>? _lines;
    private long _sequence;
    private bool _isQueued;

    /// <summary>The report that was sent and is not confirmed.</summary>
    public RunReport? Unsent { get; private set; }

    /// <summary>Keeps the latest progress.</summary>
    /// <returns>Whether the run must be queued for a report.</returns>
    public bool Add(JobProgress progress)
    {
        _progress = progress;
        return Queue();
    }

    /// <summary>Keeps a line, and of all lines the newest.</summary>
    /// <returns>Whether the run must be queued for a report.</returns>
    public bool Add(string line)
    {
        _lines ??= [];
        _lines.Add(line);
        if (_lines.Count > JobStoreRules.MaxLogLines)
        {
            _lines.RemoveAt(0);
        }

        return Queue();
    }

    /// <summary>What is to be sent now; null when there is nothing.</summary>
    public RunReport? Take()
    {
        _isQueued = false;
        if (Unsent is null && (_progress is not null || _lines is not null))
        {
            Unsent = new RunReport(key) { Sequence = ++_sequence, Progress = Serialize(_progress), Logs = _lines ?? [] };
            (_progress, _lines) = (null, null);
        }

        return Unsent;
    }

    /// <summary>The report is on record, or never will be.</summary>
    /// <returns>Whether the run must be queued for what came meanwhile.</returns>
    public bool Settle()
    {
        Unsent = null;
        return (_progress is not null || _lines is not null) && Queue();
    }

    /// <summary>The end with what has not been reported yet.</summary>
    public RunEnd Complete(RunEnd end) =>
        _progress is null && _lines is null ? end : end with { Progress = Serialize(_progress), Logs = _lines ?? [] };

    private static ReadOnlyMemory<byte> Serialize(JobProgress? progress) =>
        progress is null ? default : JsonSerializer.SerializeToUtf8Bytes(progress, StoredJsonContext.Default.JobProgress);

    private bool Queue()
    {
        var mustQueue = !_isQueued;
        _isQueued = true;
        return mustQueue;
    }
}
