using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <content>The workers of the queues: a hash for each queue, from a worker's id to when it spoke last and its JSON.</content>
public sealed partial class RedisJobStore : IWorkerRegistry
{
    /// <inheritdoc/>
    public IWorkerRegistry Workers => this;

    Task IWorkerRegistry.ReportAsync(string queue, WorkerStatus worker, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> json = JsonSerializer.SerializeToUtf8Bytes(worker, JobsJsonContext.Default.WorkerStatus);
        return RunAsync(QueueScript.ReportWorker, queue, Arguments(queue).With(worker.Id).With(json).With(IWorkerRegistry.AliveFor), cancellationToken);
    }

    Task IWorkerRegistry.LeaveAsync(string queue, string id, CancellationToken cancellationToken) =>
        RedisGuard.RunAsync(() => _database.HashDeleteAsync($"wc:{{{queue}}}:workers", id), cancellationToken);

    async Task<IReadOnlyList<WorkerStatus>> IWorkerRegistry.ListAsync(string queue, CancellationToken cancellationToken)
    {
        var found = await RunAsync(QueueScript.ListWorkers, queue, Arguments(queue).With(IWorkerRegistry.AliveFor), cancellationToken);
        return [.. ((RedisValue[])found!).Select(Read).OrderBy(worker => worker.Id, StringComparer.Ordinal)];
    }

    private static WorkerStatus Read(RedisValue json) =>
        JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, JobsJsonContext.Default.WorkerStatus)
        ?? throw new InvalidDataException("A worker in Redis is no worker.");
}
