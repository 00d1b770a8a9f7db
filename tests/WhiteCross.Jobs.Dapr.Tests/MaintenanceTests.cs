using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>What keeps a queue going when something breaks, through a sidecar.</summary>
public sealed class MaintenanceTests
{
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(10);
    private static readonly Dictionary<string, string?> ShortLease = new() { [$"Queues:{QueueService.Queue}:Lease"] = "00:00:02" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_whose_event_was_lost_gets_a_new_one()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);
        await service.StartSidecarAsync();

        // On record, and nothing on the stream.
        await service.Store.AddAsync(QueueService.Queue, [DeliveryTests.NewJob("lost")], Cancellation);

        Assert.Equal(1, (await service.WaitForAsync("lost", JobState.Completed)).AttemptsMade);
    }

    [Fact]
    public async Task A_job_whose_process_died_is_recovered_within_its_lease_and_two_seconds()
    {
        var time = QueueService.StandingClock();
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete, ShortLease, time: time);
        await service.StartSidecarAsync();
        var begun = await service.Store.BeginAsync(QueueService.Queue, [new BeginRequest("stalls", DeliveryTests.NewJob("stalls"))], Cancellation);
        Assert.Equal(BeginOutcome.Started, begun[0].Outcome);

        // The lease is two seconds.
        foreach (var seconds in (double[])[1, 0.9])
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(0, await service.Store.RecoverStalledAsync(QueueService.Queue, 10, Cancellation));
        }

        Assert.Equal(JobState.Active, (await service.FindAsync("stalls"))!.State);
        time.Advance(TimeSpan.FromSeconds(1.1));
        var record = await service.WaitForAsync("stalls", JobState.Completed);

        Assert.Equal(2, record.AttemptsMade);
        Assert.Equal(JobErrorCodes.Stalled, record.Attempts[0].Error!.Code);
        Assert.InRange(record.Attempts[1].StartedAt - record.Attempts[0].StartedAt, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2 + 2));
    }

    [Fact]
    public async Task A_job_that_stalls_its_last_attempt_fails_and_its_dead_letter_is_published()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete, ShortLease);
        await service.StartSidecarAsync();
        await service.Store.BeginAsync(QueueService.Queue, [new BeginRequest("stalls", DeliveryTests.NewJob("stalls", attempts: 1))], Cancellation);

        var record = await service.WaitForAsync("stalls", JobState.Failed);

        Assert.Equal((1, JobErrorCodes.Stalled), (record.AttemptsMade, record.Error!.Code));
        await WaitUntilAsync(() => service.Broker.Length("message-indexing.dead-letter") == 1);
    }

    [Fact]
    public async Task A_failed_attempt_comes_back_after_its_back_off_until_none_is_left()
    {
        var time = QueueService.StandingClock();
        await using var service = await QueueService.StartAsync((_, _) => throw new TimeoutException("slow"), time: time);
        await service.StartSidecarAsync();

        await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("fails") with { Backoff = new JobBackoff(JobBackoffType.Fixed, (long)BackOff.TotalMilliseconds) }, Cancellation);
        for (var attempt = 1; attempt < 3; attempt++)
        {
            await service.UntilAsync(async () => await service.FindAsync("fails") is { State: JobState.Delayed } seen && seen.AttemptsMade == attempt);
            var backOff = (await service.FindAsync("fails"))!.NextAttemptAt!.Value - time.GetUtcNow();
            Assert.InRange(backOff, BackOff / 2, BackOff * 1.5);

            // Not a moment before it is over.
            time.Advance(backOff - TimeSpan.FromMilliseconds(1));
            Assert.Empty((await service.Store.TakeDueAsync(QueueService.Queue, 10, Cancellation)).Jobs);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        var record = await service.WaitForAsync("fails", JobState.Failed);
        Assert.Equal(3, record.AttemptsMade);

        // At once; or, where the sidecar did not take it, when the claim of it is over.
        var polls = 0;
        await WaitUntilAsync(() =>
        {
            time.Advance(++polls % 50 == 0 ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
            return service.Broker.Length("message-indexing.dead-letter") > 0;
        });
    }

    [Fact]
    public async Task A_delayed_job_runs_when_it_is_due_and_not_before()
    {
        var time = QueueService.StandingClock();
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete, time: time);
        await service.StartSidecarAsync();
        await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("later") with { Delay = TimeSpan.FromMinutes(1) }, Cancellation);

        time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        Assert.Empty((await service.Store.TakeDueAsync(QueueService.Queue, 10, Cancellation)).Jobs);
        Assert.Equal(JobState.Delayed, (await service.FindAsync("later"))!.State);
        time.Advance(TimeSpan.FromMilliseconds(1));

        await service.WaitForAsync("later", JobState.Completed);
    }

    [Fact]
    public async Task What_is_added_while_the_sidecar_is_away_runs_when_it_is_back()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        var result = await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("early"), Cancellation);
        Assert.Equal(AddOutcome.Added, result.Outcome);
        await service.StartSidecarAsync();

        await service.WaitForAsync("early", JobState.Completed);
    }

    [Fact]
    public async Task A_due_job_whose_event_could_not_be_published_stays_owed_without_the_reconcilers_help()
    {
        await using var service = await QueueService.StartAsync(
            DeliveryTests.Complete, new Dictionary<string, string?> { [$"Queues:{QueueService.Queue}:ReconcileAfter"] = "00:01:00" });
        await service.Store.AddAsync(QueueService.Queue, [DeliveryTests.NewJob("due") with { Delay = TimeSpan.FromMilliseconds(50) }], Cancellation);
        await service.WaitForAsync("due", JobState.Waiting);
        await service.StartSidecarAsync();

        await service.WaitForAsync("due", JobState.Completed);
    }

    [Fact]
    public async Task Jobs_of_a_paused_queue_run_when_it_is_resumed()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);
        await service.StartSidecarAsync();
        await service.Store.PauseAsync(QueueService.Queue, Cancellation);
        await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("held"), Cancellation);
        Assert.Equal(JobState.Paused, (await service.FindAsync("held"))!.State);

        await service.Store.ResumeAsync(QueueService.Queue, Cancellation);

        await service.WaitForAsync("held", JobState.Completed);
    }

    [Fact]
    public async Task A_thousand_jobs_added_one_by_one_at_once_all_run_once()
    {
        var runs = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using var service = await QueueService.StartAsync((job, token) =>
        {
            runs.Add(job.Id);
            return DeliveryTests.Complete(job, token);
        });
        await service.StartSidecarAsync();

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob($"job-{i}"), Cancellation).AsTask()));
        await WaitUntilAsync(() => runs.Count >= 1000);

        Assert.Equal(1000, runs.Distinct().Count());
        Assert.Equal(1000, runs.Count);
    }

    private static Task WaitUntilAsync(Func<bool> condition) => Eventually.TrueAsync(condition);
}
