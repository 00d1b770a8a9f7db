using System.Diagnostics;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Bench.Queue;

/// <summary>The scenarios of the peers' benchmark. Jobs are made before the clock starts; writing them as JSON counts.</summary>
internal sealed partial class Scenarios(bool isEmbedded, Measuring measuring)
{
    private static readonly JobPriority[] Levels = [JobPriority.Low, JobPriority.Normal, JobPriority.High, JobPriority.Critical];

    private const int SidecarWarmUp = 1000;

    private readonly QueueOptions _options = OptionsOf(JobBackoffType.Exponential, TimeSpan.FromSeconds(2));

    public async Task<Result> RunAsync(string scenario, int count)
    {
        await using var adder = await BenchApp.StartAdderAsync(isEmbedded);
        return scenario switch
        {
            "enqueue-single" => await EnqueueAsync(adder, count, bulk: 1),
            "enqueue-bulk" => await EnqueueAsync(adder, count, BenchSettings.Bulk),
            "process" => await ProcessAsync(adder, count, new BenchHandler()),
            "end-to-end" => await EndToEndAsync(adder, count),
            "latency" => await LatencyAsync(adder, count),
            "priority" => await PriorityAsync(adder, count),
            "progress" => await ProcessAsync(adder, count, new BenchHandler(ReportAsync)),
            "retry" => await RetryAsync(adder, count),
            "backoff" => await BackoffAsync(adder, count),
            "memory" => await MemoryAsync(adder),
            _ => throw new ArgumentException($"There is no scenario '{scenario}'."),
        };
    }

    private static QueueOptions OptionsOf(JobBackoffType type, TimeSpan delay)
    {
        var options = JobQueues.DefaultOptions(BenchApp.Queue);
        (options.BackoffType, options.BackoffDelay) = (type, delay);
        return options;
    }

    private static async Task<JobOutcome> ReportAsync(Job<SendMessageJob> job)
    {
        for (var percentage = 25; percentage <= 100; percentage += 25)
        {
            await job.ReportProgressAsync(percentage);
        }

        return new JobOutcome.Completed();
    }

    private static (string JobId, SendMessageJob Data)[] Make(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (Guid.NewGuid().ToString(), BenchApp.NewMessage()))];

    private static async Task CompletedAsync(IJobStore store, long total)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await store.GetMetricsAsync([BenchApp.Queue], CancellationToken.None))[0].CompletedTotal < total)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<long> CompletedTotalAsync(IJobStore store) => (await store.GetMetricsAsync([BenchApp.Queue], CancellationToken.None))[0].CompletedTotal;

    /// <summary>Adds jobs by as many adders as the benchmark has, each awaiting one add before the next.</summary>
    /// <returns>How long each add took, in milliseconds, and when it was called.</returns>
    private static async Task<(List<double> Milliseconds, Dictionary<string, long> Calls)> AddAsync(
        BenchApp adder, (string JobId, SendMessageJob Data)[] jobs, int bulk, QueueOptions options, Func<int, JobPriority>? priority = null)
    {
        var (next, times, calls) = (0, new List<double>(), new Dictionary<string, long>(jobs.Length));
        await Task.WhenAll(Enumerable.Range(0, BenchSettings.Adders).Select(_ => Task.Run(async () =>
        {
            var (mine, called) = (new List<double>(), new List<(string JobId, long At)>());
            for (int from; (from = Interlocked.Add(ref next, bulk) - bulk) < jobs.Length;)
            {
                var since = Stopwatch.GetTimestamp();
                NewJob[] added = [.. Enumerable.Range(from, Math.Min(bulk, jobs.Length - from)).Select(i =>
                {
                    var job = NewJobFactory.Create(jobs[i].JobId, jobs[i].Data, JobsJsonContext.Default.SendMessageJob, options, traceParent: null);
                    return priority is null ? job : job with { Priority = priority(i) };
                })];
                if (bulk == 1)
                {
                    await adder.Publisher.AddAsync(BenchApp.Queue, added[0], CancellationToken.None);
                }
                else
                {
                    await adder.Publisher.AddBulkAsync(BenchApp.Queue, added, CancellationToken.None);
                }

                mine.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
                called.AddRange(added.Select(job => (job.JobId, since)));
            }

            lock (times)
            {
                times.AddRange(mine);
                called.ForEach(call => calls[call.JobId] = call.At);
            }
        })));
        return (times, calls);
    }

    private async Task<Result> EnqueueAsync(BenchApp adder, int count, int bulk)
    {
        var (jobs, events) = (Make(count), await measuring.CountEventsAsync());

        // The sidecar has compiled what it needs, as one that runs for days has, and as the other contestants' only process has by their warm-up.
        await AddAsync(adder, Make(SidecarWarmUp), bulk, _options);
        await AnnouncedAsync(events, events.Jobs + SidecarWarmUp);
        var before = events.Jobs;
        return await measuring.MeasureAsync(count, [adder], async () =>
        {
            var (times, _) = await AddAsync(adder, jobs, bulk, _options);

            // Who adds waits for the record; what is measured goes on until the last job is announced.
            await AnnouncedAsync(events, before + count);
            return times;
        });
    }

    private static async Task AnnouncedAsync(EventCounter events, long total)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await events.ReadAsync() < total)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>
    /// Drains a backlog: to the last completion on record from the start of the worker, or, where its sidecar is a process of its own, from the moment that this one goes
    /// on. That one has run jobs before and was halted while the backlog was added, since a new one would compile or connect while it is measured.
    /// </summary>
    private async Task<Result> ProcessAsync(BenchApp adder, int count, BenchHandler handler, QueueOptions? options = null, Func<int, JobPriority>? priority = null)
    {
        await using var worker = isEmbedded ? await BenchApp.CreateWorkerAsync(isEmbedded, handler) : await StartWorkerAsync(adder, handler);
        handler.Forget();
        await worker.Sidecar.HaltAsync();
        var before = await CompletedTotalAsync(adder.Store);
        await AddAsync(adder, Make(count), BenchSettings.Bulk, options ?? _options, priority);
        return await measuring.MeasureAsync(count, [adder, worker], async () =>
        {
            await (isEmbedded ? worker.StartAsync() : worker.Sidecar.ContinueAsync());
            await CompletedAsync(adder.Store, before + count);
            return null;
        });
    }

    private async Task<Result> EndToEndAsync(BenchApp adder, int count)
    {
        var (jobs, handler) = (Make(count), new BenchHandler());
        await using var worker = await StartWorkerAsync(adder, handler);
        var before = await CompletedTotalAsync(adder.Store);
        return await measuring.MeasureAsync(count, [adder, worker], async () =>
        {
            var (_, calls) = await AddAsync(adder, jobs, bulk: 1, _options);
            await CompletedAsync(adder.Store, before + count);
            return Delays(calls, handler);
        });
    }

    private async Task<Result> LatencyAsync(BenchApp adder, int count)
    {
        var (jobs, handler) = (Make(count), new BenchHandler());
        await using var worker = await StartWorkerAsync(adder, handler);
        var before = await CompletedTotalAsync(adder.Store);
        return await measuring.MeasureAsync(count, [adder, worker], async () =>
        {
            var (begun, calls, adds) = (Stopwatch.GetTimestamp(), new Dictionary<string, long>(count), new List<Task>(count));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            while (adds.Count < count && await timer.WaitForNextTickAsync())
            {
                // An open loop: as many as the time that has gone asks for, whatever became of those before.
                for (var due = Math.Min(count, (int)(Stopwatch.GetElapsedTime(begun).TotalSeconds * BenchSettings.Rate)); adds.Count < due;)
                {
                    var (jobId, data) = jobs[adds.Count];
                    calls[jobId] = Stopwatch.GetTimestamp();
                    var job = NewJobFactory.Create(jobId, data, JobsJsonContext.Default.SendMessageJob, _options, traceParent: null);
                    adds.Add(adder.Publisher.AddAsync(BenchApp.Queue, job, CancellationToken.None).AsTask());
                }
            }

            await Task.WhenAll(adds);
            await CompletedAsync(adder.Store, before + count);
            return Delays(calls, handler);
        });
    }

    private async Task<Result> PriorityAsync(BenchApp adder, int count)
    {
        var handler = new BenchHandler();
        var result = await ProcessAsync(adder, count, handler, priority: i => Levels[i % Levels.Length]);
        var left = Levels.ToDictionary(level => level, level => Enumerable.Range(0, count).Count(i => Levels[i % Levels.Length] == level));
        var outOfOrder = 0;
        foreach (var priority in handler.Order)
        {
            left[priority]--;
            outOfOrder += left.Any(level => level.Key > priority && level.Value > 0) ? 1 : 0;
        }

        return result with { OutOfOrder = outOfOrder };
    }

    private async Task<Result> RetryAsync(BenchApp adder, int count)
    {
        // Every fifth by its id, which is random, would not be every fifth: by the order of their first starts.
        var starts = 0;
        var handler = new BenchHandler(job => Task.FromResult<JobOutcome>(
            job.Attempt == 1 && Interlocked.Increment(ref starts) % 5 == 0 ? new JobOutcome.Retry("It fails once.") : new JobOutcome.Completed()));
        var result = await ProcessAsync(adder, count, handler, OptionsOf(JobBackoffType.Fixed, TimeSpan.FromSeconds(1)));
        return result with { DistinctDone = handler.Starts.Count, HandlerCalls = handler.Calls };
    }

    private async Task<BenchApp> StartWorkerAsync(BenchApp adder, BenchHandler handler)
    {
        var worker = await BenchApp.CreateWorkerAsync(isEmbedded, handler);
        await worker.StartAsync();

        // Some jobs through it: from then on the sidecar has its subscriptions, and both sidecars have compiled what they need, as one that runs for days has.
        var before = await CompletedTotalAsync(adder.Store);
        await AddAsync(adder, Make(SidecarWarmUp), bulk: 1, _options);
        await CompletedAsync(adder.Store, before + SidecarWarmUp);
        return worker;
    }

    private static List<double> Delays(Dictionary<string, long> calls, BenchHandler handler) =>
        [.. calls.Select(call => Stopwatch.GetElapsedTime(call.Value, handler.Starts[call.Key]).TotalMilliseconds)];
}
