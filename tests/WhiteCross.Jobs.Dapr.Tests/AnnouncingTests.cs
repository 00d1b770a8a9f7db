using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>What goes through the sidecar a job: a real sidecar's price is per event.</summary>
public sealed class AnnouncingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bulk_is_announced_in_few_events()
    {
        await using var service = await StartAsync();

        await service.Publisher.AddBulkAsync(QueueService.Queue, Jobs(1000), Cancellation);
        await CompletedAsync(service, 1000);

        Assert.InRange(service.Broker.Length(QueueService.Queue), 1, 50);
    }

    [Fact]
    public async Task Jobs_that_fifty_add_at_the_same_time_share_events()
    {
        await using var service = await StartAsync();
        var jobs = Jobs(2000);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async adder =>
        {
            foreach (var job in jobs.Where((_, i) => i % 50 == adder))
            {
                await service.Publisher.AddAsync(QueueService.Queue, job, Cancellation);
            }
        }));
        await CompletedAsync(service, 2000);

        Assert.InRange(service.Broker.Length(QueueService.Queue), 1, 400);
    }

    [Fact]
    public async Task A_job_that_comes_alone_goes_out_alone_in_the_form_of_one()
    {
        await using var service = await StartAsync();

        foreach (var job in Jobs(5))
        {
            await service.Publisher.AddAsync(QueueService.Queue, job, Cancellation);
            await service.WaitForAsync(job.JobId, JobState.Completed);
        }

        Assert.Equal(5, service.Broker.Length(QueueService.Queue));
    }

    [Fact]
    public async Task After_an_event_of_many_jobs_those_that_follow_gather_for_some_milliseconds()
    {
        var clock = QueueService.StandingClock();
        await using var service = await StartAsync(time: clock);
        var jobs = Jobs(42);
        await service.Publisher.AddBulkAsync(QueueService.Queue, jobs[..32], Cancellation);
        await Eventually.TrueAsync(() => service.Broker.Length(QueueService.Queue) == 1);

        foreach (var job in jobs[32..])
        {
            await service.Publisher.AddAsync(QueueService.Queue, job, Cancellation);
        }

        Assert.Equal(1, service.Broker.Length(QueueService.Queue));
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            return service.Broker.Length(QueueService.Queue) > 1;
        });
        Assert.Equal(2, service.Broker.Length(QueueService.Queue));
        await CompletedAsync(service, 42);
    }

    [Fact]
    public async Task What_fills_an_event_waits_for_nothing()
    {
        await using var service = await StartAsync(time: QueueService.StandingClock());
        var jobs = Jobs(132);
        await service.Publisher.AddBulkAsync(QueueService.Queue, jobs[..32], Cancellation);
        await Eventually.TrueAsync(() => service.Broker.Length(QueueService.Queue) == 1);

        await service.Publisher.AddBulkAsync(QueueService.Queue, jobs[32..], Cancellation);

        // Before workers have told how long jobs take, an event has 32 of them at most.
        await Eventually.TrueAsync(() => service.Broker.Length(QueueService.Queue) == 5);
        await CompletedAsync(service, 132);
    }

    [Fact]
    public async Task Each_lane_has_its_own_events()
    {
        await using var service = await StartAsync();

        await service.Publisher.AddBulkAsync(
            QueueService.Queue, [.. Jobs(40).Select((job, i) => job with { Priority = i % 2 == 0 ? JobPriority.Low : JobPriority.Critical })], Cancellation);
        await CompletedAsync(service, 40);

        Assert.Equal((1, 1, 0), (service.Broker.Length(QueueService.Queue + ".low"), service.Broker.Length(QueueService.Queue + ".critical"), service.Broker.Length(QueueService.Queue)));
    }

    [Fact]
    public async Task Jobs_that_become_due_share_new_events()
    {
        await using var service = await StartAsync();

        await service.Store.AddAsync(QueueService.Queue, [.. Jobs(100).Select(job => job with { Delay = TimeSpan.FromMilliseconds(200) })], Cancellation);
        await CompletedAsync(service, 100);
        Assert.InRange(service.Broker.Length(QueueService.Queue), 1, 5);
    }

    [Fact]
    public async Task Jobs_that_lost_their_events_share_new_ones()
    {
        await using var service = await StartAsync(reconcileAfter: "00:00:01");

        await service.Store.AddAsync(QueueService.Queue, Jobs(100), Cancellation);
        await CompletedAsync(service, 100);

        // By the number of jobs it would be a hundred; on a slow machine they are announced more than once.
        Assert.InRange(service.Broker.Length(QueueService.Queue), 1, 30);
    }

    [Theory]
    [InlineData(0.5, 100, 1)]
    [InlineData(10.0, 100, 4)] // Ten slots that take 10 ms a job begin 1,000 a second; of these an instance has a 32nd in an event.
    [InlineData(200.0, 100, 100)]
    [InlineData(60_000.0, 20, 20)]
    [InlineData(null, 100, 4)]
    public async Task The_size_of_events_follows_what_the_queues_jobs_take(double? average, int jobs, int events)
    {
        await using var service = await StartAsync(concurrency: 3);
        const string Queue = QueueService.Queue;
        await service.Store.Workers.ReportAsync(Queue, new WorkerStatus("one", 10, 0) { AverageMilliseconds = average, TakesManyJobs = true }, Cancellation);

        await service.Publisher.AddBulkAsync(Queue, Jobs(jobs), Cancellation);

        await Eventually.TrueAsync(() => service.Broker.Length(Queue) >= events);
        Assert.Equal(events, service.Broker.Length(Queue));
    }

    [Fact]
    public async Task Once_it_is_known_how_long_jobs_take_events_go_by_it()
    {
        var clock = QueueService.StandingClock();
        await using var service = await StartAsync(concurrency: 3, time: clock);
        const string Queue = QueueService.Queue;
        var jobs = Jobs(132);
        await service.Publisher.AddBulkAsync(Queue, jobs[..32], Cancellation);
        await Eventually.TrueAsync(() => service.Broker.Length(Queue) == 1);
        await CompletedAsync(service, 32);

        // A worker looks four times a second and tells at every eighth look; that it knows now it tells at the next one. The clock stops before an eighth.
        var looks = 0;
        await Eventually.TrueAsync(async () =>
        {
            if (looks++ < 5)
            {
                clock.Advance(TimeSpan.FromMilliseconds(250));
            }

            return (await service.Store.Workers.ListAsync(Queue, Cancellation)).Any(worker => worker.AverageMilliseconds is not null);
        });
        clock.Advance(TimeSpan.FromMilliseconds(300));

        await service.Publisher.AddBulkAsync(Queue, jobs[32..], Cancellation);
        await CompletedAsync(service, 132);

        Assert.Equal(2, service.Broker.Length(Queue));
    }

    [Fact]
    public async Task While_an_older_instance_works_on_the_queue_events_name_one_job()
    {
        await using var service = await StartAsync(concurrency: 3);
        const string Queue = QueueService.Queue;
        await service.Store.Workers.ReportAsync(Queue, new WorkerStatus("new", 10, 0) { AverageMilliseconds = 1, TakesManyJobs = true }, Cancellation);
        await service.Store.Workers.ReportAsync(Queue, new WorkerStatus("old", 10, 0), Cancellation);

        await service.Publisher.AddBulkAsync(Queue, Jobs(50), Cancellation);

        await Eventually.TrueAsync(() => service.Broker.Length(Queue) == 50);
    }

    // Nothing is lost here, and on a slow machine nothing must be taken for lost: that would be announced once more.
    private static async Task<QueueService> StartAsync(string reconcileAfter = "01:00:00", int concurrency = 10, TimeProvider? time = null)
    {
        var service = await QueueService.StartAsync(
            DeliveryTests.Complete,
            new Dictionary<string, string?>
            {
                [$"Queues:{QueueService.Queue}:Concurrency"] = $"{concurrency}",
                [$"Queues:{QueueService.Queue}:ReconcileAfter"] = reconcileAfter,
            },
            time: time);
        await service.StartSidecarAsync();
        return service;
    }

    private static NewJob[] Jobs(int count) => [.. Enumerable.Range(0, count).Select(i => DeliveryTests.NewJob($"job-{i}"))];

    private static Task CompletedAsync(QueueService service, int count) => Eventually.TrueAsync(async () => (await service.MetricsAsync()).CompletedTotal == count);
}
