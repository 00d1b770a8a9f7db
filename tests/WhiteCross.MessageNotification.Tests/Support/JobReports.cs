using System.Collections.Concurrent;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>What a job reports, kept over its attempts as the job store keeps it.</summary>
public sealed class JobReports : IJobReporter
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _steps = new();

    private static int _jobs;

    /// <summary>The job's id: one of its own, unless a test says another.</summary>
    public string JobId { get; set; } = $"job-{Interlocked.Increment(ref _jobs)}";

    /// <summary>When the job was added: with its first run, unless a test says otherwise.</summary>
    public DateTimeOffset? CreatedAt { get; set; }

    public int Attempts { get; set; }

    public StopCause StopCause { get; set; }

    public ConcurrentQueue<string> Log { get; } = new();

    public IEnumerable<string> Steps => _steps.Keys.Order();

    /// <summary>Refuses to keep a step, as a store does that is away, or a process that has just died.</summary>
    public Func<string, string, bool> Loses { get; set; } = (_, _) => false;

    /// <summary>The same job as another store would have it.</summary>
    public JobReports Copy()
    {
        var copy = new JobReports { JobId = JobId, CreatedAt = CreatedAt, Attempts = Attempts, StopCause = StopCause };
        foreach (var (name, result) in _steps)
        {
            copy._steps[name] = result;
        }

        return copy;
    }

    public ValueTask ReportProgressAsync(JobProgress progress) => ValueTask.CompletedTask;

    public ValueTask LogAsync(string line)
    {
        Log.Enqueue(line);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>?> FindStepAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_steps.TryGetValue(name, out var result) ? result : (ReadOnlyMemory<byte>?)null);

    public Task<T> RunStepAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken) => step(cancellationToken);

    public ValueTask SaveStepAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken)
    {
        if (Loses(name, System.Text.Encoding.UTF8.GetString(result.Span)))
        {
            throw new IOException("The process died here.");
        }

        _steps[name] = result;
        return ValueTask.CompletedTask;
    }
}
