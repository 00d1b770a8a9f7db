using System.Diagnostics;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Bench.Queue;

/// <content>What the peers' benchmark does not ask for.</content>
internal sealed partial class Scenarios
{
    private const int BackingOff = 10_000;
    private const int Rounds = 5;

    /// <summary>
    /// Drains a backlog with and without 10,000 jobs in back-off, by turns so that a machine's moods touch both alike. <c>Ratio</c> is the median
    /// time with them to that without.
    /// </summary>
    private async Task<Result> BackoffAsync(BenchApp adder, int count)
    {
        var (with, without) = (new List<double>(), new List<double>());
        Result? result = null;
        for (var round = 0; round < 2 * Rounds; round++)
        {
            var backingOff = round % 2 == 0 ? [] : Make(BackingOff);
            foreach (var some in backingOff.Chunk(1000))
            {
                await adder.Store.AddAsync(
                    BenchApp.Queue,
                    [.. some.Select(job => NewJobFactory.Create(job.JobId, job.Data, JobsJsonContext.Default.SendMessageJob, _options, traceParent: null) with { Delay = TimeSpan.FromHours(1) })],
                    CancellationToken.None);
            }

            result = await ProcessAsync(adder, count, new BenchHandler());
            (backingOff.Length > 0 ? with : without).Add(result.Seconds);
            foreach (var (jobId, _) in backingOff)
            {
                await adder.Store.RemoveAsync(BenchApp.Queue, jobId, CancellationToken.None);
            }
        }

        return result! with { Ratio = Median(with) / Median(without) };
    }

    /// <summary>Jobs flow for some minutes at a steady rate; the heap after a collection is read after the second minute and at the end.</summary>
    private async Task<Result> MemoryAsync(BenchApp adder)
    {
        var handler = new BenchHandler { Remembers = false };
        await using var worker = await StartWorkerAsync(adder, handler);
        var (before, begun, added) = (await CompletedTotalAsync(adder.Store), Stopwatch.GetTimestamp(), 0);
        var heaps = new List<double>();
        var result = await measuring.MeasureAsync(BenchSettings.SteadyRate * 60 * BenchSettings.Minutes, [adder, worker], async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            var adds = new List<Task>();
            for (var minute = 1; minute <= BenchSettings.Minutes; minute++)
            {
                while (added < BenchSettings.SteadyRate * 60 * minute && await timer.WaitForNextTickAsync())
                {
                    var due = (int)Math.Min(Stopwatch.GetElapsedTime(begun).TotalSeconds, 60 * minute) * BenchSettings.SteadyRate;
                    adds.AddRange(Make(due - added).Select(job => adder.Publisher.AddAsync(
                        BenchApp.Queue,
                        NewJobFactory.Create(job.JobId, job.Data, JobsJsonContext.Default.SendMessageJob, _options, traceParent: null),
                        CancellationToken.None).AsTask()));
                    added = Math.Max(added, due);
                    adds.RemoveAll(add => add.IsCompletedSuccessfully);
                }

                await Task.WhenAll(adds);
                await CompletedAsync(adder.Store, before + added);
                heaps.Add(HeapAfterCollection());
                Console.Error.WriteLine($"minute {minute}: heap {heaps[^1] / 1e6:0.0} MB");
            }

            return null;
        });
        return result with { Ratio = heaps[^1] / heaps[Math.Min(1, heaps.Count - 1)] };
    }

    // GetTotalMemory's own collection stops once two in a row differ by less than 5 %, which is as much as is to be seen here.
    private static long HeapAfterCollection()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: false);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
