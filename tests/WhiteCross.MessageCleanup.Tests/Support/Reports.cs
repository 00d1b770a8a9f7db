using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageCleanup.Tests;

/// <summary>What a job reports, kept over its attempts; loses a step's result when a test says so, as a process does that dies.</summary>
internal sealed class Reports : IJobReporter
{
    public Dictionary<string, ReadOnlyMemory<byte>> Steps { get; } = [];

    public List<JobProgress> Progress { get; } = [];

    public string? DieAtStep { get; set; }

    public ValueTask ReportProgressAsync(JobProgress progress)
    {
        Progress.Add(progress);
        return ValueTask.CompletedTask;
    }

    public ValueTask LogAsync(string line) => ValueTask.CompletedTask;

    public ValueTask<ReadOnlyMemory<byte>?> FindStepAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Steps.TryGetValue(name, out var result) ? result : (ReadOnlyMemory<byte>?)null);

    public Task<T> RunStepAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken) => step(cancellationToken);

    public ValueTask SaveStepAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken)
    {
        if (name == DieAtStep)
        {
            DieAtStep = null;
            throw new IOException("The process is gone.");
        }

        Steps[name] = result;
        return ValueTask.CompletedTask;
    }
}
