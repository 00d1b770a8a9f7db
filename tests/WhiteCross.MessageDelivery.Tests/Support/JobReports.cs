using System.Collections.Concurrent;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>What a job reports, kept over its attempts as the job store keeps it.</summary>
public sealed class JobReports : IJobReporter
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _steps = new();

    public int Attempts { get; set; }

    public List<JobProgress> Progress { get; } = [];

    public IEnumerable<string> FinishedSteps => _steps.Keys.Order();

    public ValueTask ReportProgressAsync(JobProgress progress)
    {
        Progress.Add(progress);
        return ValueTask.CompletedTask;
    }

    public ValueTask LogAsync(string line) => ValueTask.CompletedTask;

    public ValueTask<ReadOnlyMemory<byte>?> FindStepAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_steps.TryGetValue(name, out var result) ? result : (ReadOnlyMemory<byte>?)null);

    public Task<T> RunStepAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken) => step(cancellationToken);

    public ValueTask SaveStepAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken)
    {
        _steps[name] = result;
        return ValueTask.CompletedTask;
    }
}
