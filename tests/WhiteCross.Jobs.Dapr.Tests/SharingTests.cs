using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>Nobody hoards: what one instance does not get to, another one gets, and an urgent job waits behind no crowd.</summary>
public sealed class SharingTests
{
    private const int Slots = 10;
    private const int Jobs = 500;

    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = new QueueOptions().GiveBackAfter;

    private static readonly Dictionary<string, string?> Settings = new()
    {
        [$"Queues:{QueueService.Queue}:Concurrency"] = "10",
        [$"Queues:{QueueService.Queue}:KeepCompleted"] = "20000",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_instances_share_a_bulk_and_end_together(bool isOtherLate)
    {
        var runs = new int[2];
        await using var one = await QueueService.StartAsync(Work(runs, 0), Settings);
        await using var other = await QueueService.StartAsync(Work(runs, 1), Settings, beside: one);
        await one.StartSidecarAsync();
        if (!isOtherLate)
        {
            await other.StartSidecarAsync();
        }

        await one.Publisher.AddBulkAsync(QueueService.Queue, [.. Enumerable.Range(0, Jobs).Select(i => DeliveryTests.NewJob($"job-{i}"))], Cancellation);
        if (isOtherLate)
        {
            // One has them all by now.
            await Eventually.TrueAsync(async () => (await one.MetricsAsync()).Active == Slots);
            await other.StartSidecarAsync();
        }

        using var lost = new LostTime();
        var since = TimeProvider.System.GetTimestamp();
        var ideal = Duration * (Jobs - (await one.MetricsAsync()).CompletedTotal) / (2 * Slots);
        await Eventually.TrueAsync(async () => (await one.MetricsAsync()).CompletedTotal == Jobs);

        Assert.Equal(Jobs, runs.Sum());
        Assert.All(runs, count => Assert.InRange(count, Jobs * 3 / 10, Jobs * 7 / 10));
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), ideal * 0.9, (isOtherLate ? (ideal * 1.3) + (2 * Patience) : ideal * 1.2) + lost.Total);
    }

    [Fact]
    public async Task When_an_instance_dies_in_the_middle_the_other_has_its_share_within_the_lease_and_two_seconds()
    {
        var runs = new int[2];
        SwitchedStore process = null!;
        Dictionary<string, string?> settings = new(Settings) { [$"Queues:{QueueService.Queue}:Lease"] = "00:00:02" };
        await using var one = await QueueService.StartAsync(Work(runs, 0), settings);
        await using var other = await QueueService.StartAsync(
            Work(runs, 1),
            settings,
            store =>
            {
                (var proxy, process) = SwitchedStore.Over(store);
                return proxy;
            },
            beside: one);
        await one.StartSidecarAsync();
        await other.StartSidecarAsync();
        await one.Publisher.AddBulkAsync(QueueService.Queue, [.. Enumerable.Range(0, Jobs).Select(i => DeliveryTests.NewJob($"job-{i}"))], Cancellation);
        await Eventually.TrueAsync(async () => (await one.MetricsAsync()).CompletedTotal >= Jobs / 2 && runs[1] > 0);

        using var lost = new LostTime();
        var died = TimeProvider.System.GetTimestamp();
        process.IsCut = true;
        await other.KillSidecarAsync();
        var left = Jobs - (await one.MetricsAsync()).CompletedTotal;
        await Eventually.TrueAsync(async () => (await one.MetricsAsync()).CompletedTotal == Jobs);

        // What is left is the survivor's alone now; two seconds are the lease here.
        Assert.InRange(TimeProvider.System.GetElapsedTime(died), TimeSpan.Zero, TimeSpan.FromSeconds(2 + 2) + (Duration * left / Slots) + lost.Total);
        process.IsCut = false;
    }

    [Fact]
    public async Task An_urgent_job_begins_within_the_time_of_one_that_runs_whatever_crowd_there_is()
    {
        var urgent = new TaskCompletionSource<long>();
        await using var service = await QueueService.StartAsync(
            async (job, token) =>
            {
                if (job.Id == "urgent")
                {
                    urgent.TrySetResult(TimeProvider.System.GetTimestamp());
                }

                await Task.Delay(Short, token);
                return new JobOutcome.Completed();
            },
            Settings);
        await service.StartSidecarAsync();
        for (var i = 0; i < 10; i++)
        {
            await service.Publisher.AddBulkAsync(
                QueueService.Queue, [.. Enumerable.Range(0, 1000).Select(n => DeliveryTests.NewJob($"low-{i}-{n}") with { Priority = JobPriority.Low })], Cancellation);
        }

        await Eventually.TrueAsync(async () => (await service.MetricsAsync()).CompletedTotal > 20);
        using var lost = new LostTime();
        var added = TimeProvider.System.GetTimestamp();
        await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("urgent") with { Priority = JobPriority.Critical }, Cancellation);

        var began = await urgent.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.InRange(TimeProvider.System.GetElapsedTime(added, began), TimeSpan.Zero, (2 * Short) + TimeSpan.FromMilliseconds(50) + lost.Total);
    }

    private static Func<Job<IndexMessageJob>, CancellationToken, Task<JobOutcome>> Work(int[] runs, int instance) => async (_, token) =>
    {
        Interlocked.Increment(ref runs[instance]);
        await Task.Delay(Duration, token);
        return new JobOutcome.Completed();
    };

    /// <summary>The time that the machine takes away from this process: what it asks for every few milliseconds comes by so much later in all.</summary>
    private sealed class LostTime : IDisposable
    {
        private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

        private readonly CancellationTokenSource _stop = new();
        private long _ticks;

        public LostTime() => _ = MeasureAsync(_stop.Token);

        public TimeSpan Total => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

        public void Dispose()
        {
            _stop.Cancel();
            _stop.Dispose();
        }

        private async Task MeasureAsync(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                var asked = TimeProvider.System.GetTimestamp();
                await Task.Delay(Beat, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Interlocked.Add(ref _ticks, Math.Max(0, (TimeProvider.System.GetElapsedTime(asked) - Beat).Ticks));
            }
        }
    }
}
