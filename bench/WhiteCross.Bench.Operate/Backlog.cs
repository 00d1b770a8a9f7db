using System.Diagnostics;
using WhiteCross.Bench.Queue;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Bench.Operate;

/// <summary>A backlog that a service works off.</summary>
internal static class Backlog
{
    private const int Bulk = 100;
    private const int Adders = 20;

    private static readonly QueueOptions Options = JobQueues.DefaultOptions(BenchApp.Queue);

    /// <summary>Adds jobs, then starts a service and waits until it has completed them all.</summary>
    /// <returns>Jobs a second, from the first completed one to the last: starting a process is no work of the queue.</returns>
    public static async Task<double> WorkOffAsync(BenchApp adder, int count, CancellationToken cancellationToken)
    {
        var left = count / Bulk;
        await Task.WhenAll(Enumerable.Range(0, Adders).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await adder.Publisher.AddBulkAsync(BenchApp.Queue, [.. Enumerable.Range(0, Bulk).Select(_ => NewJob())], cancellationToken);
            }
        }));
        var handler = new BenchHandler();
        await using var worker = await BenchApp.CreateWorkerAsync(isEmbedded: false, handler);
        await worker.StartAsync();
        var warm = count / 10;
        await UntilAsync(() => handler.Calls >= warm, cancellationToken);
        var (since, from) = (Stopwatch.GetTimestamp(), handler.Calls);
        await UntilAsync(() => handler.Calls >= count, cancellationToken);
        var rate = (handler.Calls - from) / Stopwatch.GetElapsedTime(since).TotalSeconds;
        await IsEmptyAsync(adder.Store);
        return rate;
    }

    public static async Task<long> CompletedAsync(IJobStore store) => (await store.GetMetricsAsync([BenchApp.Queue], CancellationToken.None))[0].CompletedTotal;

    /// <summary>Waits until no job waits or runs.</summary>
    public static async Task IsEmptyAsync(IJobStore store)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await store.GetMetricsAsync([BenchApp.Queue], CancellationToken.None))[0] is not { Waiting: 0, Active: 0, Delayed: 0 })
        {
            await timer.WaitForNextTickAsync();
        }
    }

    public static NewJob NewJob() => NewJobFactory.Create(
        Guid.NewGuid().ToString(),
        BenchApp.NewMessage(),
        JobsJsonContext.Default.SendMessageJob,
        Options,
        traceParent: null);

    private static async Task UntilAsync(Func<bool> isSo, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!isSo())
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
