using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Testing;

/// <summary>A job on record, and what it reports, kept over its attempts as the job store keeps it: a step that one attempt finished is found by the next.</summary>
public sealed class JobReports : IJobReporter
{
    private static int _jobs;

    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _steps = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<JobProgress> _progress = new();
    private readonly ConcurrentQueue<string> _log = new();

    /// <summary>The job's id. Default: one of its own, which is none that a test is likely to say itself.</summary>
    public string JobId { get; set; } = $"test-job-{Interlocked.Increment(ref _jobs)}";

    /// <summary>When the job was added; null where no test has said it.</summary>
    public DateTimeOffset? CreatedAt { get; set; }

    /// <summary>How many attempts have begun; may be set, for a job that has had some.</summary>
    public int Attempts { get; set; }

    /// <inheritdoc/>
    public StopCause StopCause { get; set; }

    /// <summary>The progress that was reported, in order.</summary>
    public IReadOnlyList<JobProgress> Progress => [.. _progress];

    /// <summary>The lines that were logged, in order.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    /// <summary>The names of the steps and notes that are kept, in order.</summary>
    public IReadOnlyList<string> Steps => [.. _steps.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// By a step's name and its result as JSON, whether it is lost: its effect has happened, and the process dies, or the store is away, before it is kept. The attempt then
    /// ends with an <see cref="IOException"/>.
    /// </summary>
    public Func<string, string, bool> Loses { get; set; } = (_, _) => false;

    /// <summary>Loses a step's result once; see <see cref="Loses"/>.</summary>
    /// <param name="step">The step's name.</param>
    public void LosesOnce(string step) => Loses = (name, _) =>
    {
        if (name != step)
        {
            return false;
        }

        Loses = (_, _) => false;
        return true;
    };

    /// <summary>The result of a step or a note that is kept.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">None is kept of that name.</exception>
    public T? ResultOf<T>(string name) => JsonSerializer.Deserialize<T>(_steps[name].Span, JsonSerializerOptions.Web);

    /// <summary>The same job as it is now, for another history from here.</summary>
    public JobReports Copy()
    {
        var copy = new JobReports { JobId = JobId, CreatedAt = CreatedAt, Attempts = Attempts, StopCause = StopCause };
        foreach (var (name, result) in _steps)
        {
            copy._steps[name] = result;
        }

        return copy;
    }

    /// <inheritdoc/>
    public ValueTask ReportProgressAsync(JobProgress progress)
    {
        _progress.Enqueue(progress);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask LogAsync(string line)
    {
        _log.Enqueue(line);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> FindStepAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_steps.TryGetValue(name, out var result) ? result : (ReadOnlyMemory<byte>?)null);

    /// <inheritdoc/>
    public Task<T> RunStepAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        return step(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask SaveStepAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken)
    {
        if (Loses(name, Encoding.UTF8.GetString(result.Span)))
        {
            throw new IOException($"The process died before the result of step '{name}' was kept.");
        }

        _steps[name] = result;
        return ValueTask.CompletedTask;
    }
}
