using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>Adding never waits for the sidecar: record, answer, publish with a deadline.</summary>
public sealed class UnansweredSidecarTests
{
    private const int Jobs = 3000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sidecar_that_takes_connections_and_answers_nothing_hangs_no_add_and_what_was_added_runs_when_it_answers()
    {
        var log = new LogCollector();
        await using var line = new HeldLine();
        await using var service = await QueueService.StartAsync(
            DeliveryTests.Complete,
            new Dictionary<string, string?>
            {
                ["DAPR_GRPC_ENDPOINT"] = line.Address,
                ["Publishing:Deadline"] = "00:00:00.300",
                [$"Queues:{QueueService.Queue}:ReconcileAfter"] = "01:00:00",
            },
            log: log);
        await service.StartSidecarAsync();

        var bulk = await service.Publisher.AddBulkAsync(QueueService.Queue, [DeliveryTests.NewJob("bulk-0"), DeliveryTests.NewJob("bulk-1")], Cancellation)
            .WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        var singles = await Task.WhenAll(Enumerable.Range(0, Jobs).Select(i => service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob($"job-{i}"), Cancellation).AsTask()))
            .WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        Assert.All(bulk.Concat(singles), result => Assert.Equal(AddOutcome.Added, result.Outcome));
        await Eventually.TrueAsync(() => Lines(log, "does not answer") == 1);
        line.Release(service.SidecarPort);

        await Eventually.TrueAsync(async () => (await service.MetricsAsync()).CompletedTotal == Jobs + 2);

        // Told once each time, not once a job; a slow machine may take it for silent once more.
        await Eventually.TrueAsync(() => Lines(log, "The sidecar does not answer") == Lines(log, "answers again"));
        Assert.InRange(Lines(log, "answers again"), 1, 20);
        Assert.Equal(0, Lines(log, "could neither be published"));
    }

    [Fact]
    public async Task A_sidecar_that_did_not_answer_the_first_publish_is_asked_again_within_a_second()
    {
        var (log, time) = (new LogCollector(), QueueService.StandingClock());
        SwitchedStore calls = null!;
        await using var line = new HeldLine();
        await using var service = await QueueService.StartAsync(
            DeliveryTests.Complete,
            new Dictionary<string, string?>
            {
                ["DAPR_GRPC_ENDPOINT"] = line.Address,
                ["Publishing:Deadline"] = "00:00:09",
                [$"Queues:{QueueService.Queue}:ReconcileAfter"] = "01:00:00",
            },
            store =>
            {
                (var proxy, calls) = SwitchedStore.Over(store);
                return proxy;
            },
            log,
            time: time);
        await service.StartSidecarAsync();
        await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("early"), Cancellation);
        await Eventually.TrueAsync(() =>
        {
            if (Lines(log, "does not answer") == 0)
            {
                time.Advance(TimeSpan.FromSeconds(9));
            }

            return Lines(log, "does not answer") == 1 && calls.Calls.GetValueOrDefault(nameof(IJobStore.RequestEventsAsync)) > 0;
        });

        // It was only starting. Services and sidecars start side by side, and jobs are there from the first moment.
        line.Release(service.SidecarPort);
        time.Advance(TimeSpan.FromMilliseconds(450));
        time.Advance(TimeSpan.FromMilliseconds(450));

        await service.WaitForAsync("early", JobState.Completed);
    }

    [Fact]
    public async Task A_failed_jobs_event_is_answered_and_its_dead_letter_stays_owed_while_the_sidecar_answers_nothing()
    {
        await using var line = new HeldLine();
        await using var service = await QueueService.StartAsync(
            (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Fail("no")),
            new Dictionary<string, string?> { ["DAPR_GRPC_ENDPOINT"] = line.Address, ["Publishing:Deadline"] = "00:00:00.300" });
        await service.StartSidecarAsync();
        await service.Store.AddAsync(QueueService.Queue, [DeliveryTests.NewJob("fails")], Cancellation);

        Assert.Equal("SUCCESS", await service.DeliverAsync("""{"jobId":"fails","type":"index-message"}""").WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        Assert.Equal(JobState.Failed, (await service.FindAsync("fails"))!.State);
        Assert.Equal(0, service.Broker.Length("message-indexing.dead-letter"));
        line.Release(service.SidecarPort);

        await Eventually.TrueAsync(() => service.Broker.Length("message-indexing.dead-letter") == 1);
    }

    [Fact]
    public async Task Dead_letters_of_many_jobs_take_one_call_of_the_store()
    {
        SwitchedStore calls = null!;
        await using var service = await QueueService.StartAsync(
            (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Fail("no")),
            decorate: store =>
            {
                (var proxy, calls) = SwitchedStore.Over(store);
                return proxy;
            });
        await service.StartSidecarAsync();

        await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("fails"), Cancellation);
        await Eventually.TrueAsync(() => service.Broker.Length("message-indexing.dead-letter") == 1);

        Assert.Equal(0, calls.Calls.GetValueOrDefault(nameof(IJobStore.GetAsync)));
    }

    [Fact]
    public async Task A_deadline_that_makes_no_sense_stops_the_start()
    {
        var exception = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            QueueService.StartAsync(DeliveryTests.Complete, new Dictionary<string, string?> { ["Publishing:Deadline"] = "00:01:00" }));

        Assert.Equal("Publishing:Deadline is 00:01:00; it must be a time from 00:00:00.1000000 to 00:00:09 (d.hh:mm:ss).", exception.Message);
    }

    private static int Lines(LogCollector log, string text) => log.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
