using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>A job is on record when its event reaches the service, not when a slot is free; from then on the record guards it.</summary>
public sealed class ArrivalTests
{
    private const int Slots = 3;
    private static readonly TimeSpan Renewal = TimeSpan.FromMilliseconds(500);
    private const string Data = """{"messageId":"0198c0de-0000-7000-8000-000000000001","operation":"index","content":"x"}""";

    private static readonly string[] Ids = ["a", "b", "c", "d", "e", "f"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_published_by_plain_Dapr_can_be_looked_up_counted_and_cancelled_while_all_slots_are_busy()
    {
        var release = new TaskCompletionSource();
        var ran = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using var service = await QueueService.StartAsync(async (job, token) =>
        {
            ran.Add(job.Id);
            await release.Task.WaitAsync(token);
            return new JobOutcome.Completed();
        });
        var answers = Ids.Select(id => service.DeliverAsync(Envelope(id), "event-" + id)).ToList();

        await Eventually.TrueAsync(async () => await service.MetricsAsync() is { Active: Slots, Waiting: 3 });
        var waiting = (await Task.WhenAll(Ids.Select(service.FindAsync))).First(record => record!.State == JobState.Waiting)!.JobId;
        Assert.Equal(ChangeOutcome.Done, await service.Store.CancelAsync(QueueService.Queue, waiting, Cancellation));
        release.SetResult();

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("SUCCESS", answer));
        Assert.DoesNotContain(waiting, ran);
        Assert.Equal((5, 1), ((await service.MetricsAsync()).Completed, (await service.MetricsAsync()).Failed));
    }

    [Fact]
    public async Task A_delay_counts_from_the_arrival_and_its_event_is_answered_at_once()
    {
        var release = new TaskCompletionSource();
        await using var service = await QueueService.StartAsync(async (_, token) =>
        {
            await release.Task.WaitAsync(token);
            return new JobOutcome.Completed();
        });
        var busy = Ids.Select(id => service.DeliverAsync(Envelope(id), "event-" + id)).ToList();
        await Eventually.TrueAsync(async () => (await service.MetricsAsync()).Active == Slots);

        Assert.Equal("SUCCESS", await service.DeliverAsync($$"""{"jobId":"later","data":{{Data}},"options":{"delay":50000} }"""));

        var record = (await service.FindAsync("later"))!;
        Assert.Equal(JobState.Delayed, record.State);
        Assert.InRange(record.NextAttemptAt!.Value - record.CreatedAt, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        release.SetResult();
        await Task.WhenAll(busy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Jobs_that_wait_here_are_nobody_elses_while_the_process_lives_and_everybodys_within_its_lease_when_it_dies(bool isDescribed)
    {
        SwitchedStore process = null!;
        var time = QueueService.StandingClock();
        await using var service = await QueueService.StartAsync(
            async (_, token) =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return new JobOutcome.Completed();
            },
            new Dictionary<string, string?> { [$"Queues:{QueueService.Queue}:ReconcileAfter"] = "01:00:00", [$"Queues:{QueueService.Queue}:Lease"] = "00:00:02" },
            store =>
            {
                (var proxy, process) = SwitchedStore.Over(store);
                return proxy;
            },
            time: time);
        if (!isDescribed)
        {
            await service.Store.AddAsync(QueueService.Queue, [.. Ids.Select(id => DeliveryTests.NewJob(id))], Cancellation);
        }

        var answers = Ids.Select(id => service.DeliverAsync(isDescribed ? Envelope(id) : $$"""{"jobId":"{{id}}","type":"index-message"}""", "event-" + id)).ToList();
        await Eventually.TrueAsync(async () => await service.MetricsAsync() is { Active: Slots, Waiting: 3 });

        // Longer than the lease of two seconds, which is renewed four times in it.
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(4); passed += Renewal)
        {
            var held = Held();
            time.Advance(Renewal);
            await service.UntilAsync(() => Task.FromResult(Held() > held));
        }

        Assert.Empty((await service.Store.TakeDueAsync(QueueService.Queue, 10, Cancellation)).Jobs);

        process.IsCut = true;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty((await service.Store.TakeDueAsync(QueueService.Queue, 10, Cancellation)).Jobs);
        time.Advance(TimeSpan.FromSeconds(1));
        var handedOut = (await service.Store.TakeDueAsync(QueueService.Queue, 10, Cancellation)).Jobs.Select(job => job.JobId).ToList();
        var waiting = (await Task.WhenAll(Ids.Select(service.FindAsync))).Where(record => record!.State == JobState.Waiting).Select(record => record!.JobId);
        Assert.Equal(waiting.Order(), handedOut.Order());
        process.IsCut = false;
        var stopping = service.StopAsync();
        await service.UntilAsync(() => Task.FromResult(stopping.IsCompleted)); // What was tried while the store was away is tried again after a while.
        await Task.WhenAll(answers);

        int Held() => process.Calls.GetValueOrDefault(nameof(IJobStore.HoldAsync));
    }

    [Fact]
    public async Task Jobs_that_begin_at_once_cost_no_call_for_holding_them()
    {
        SwitchedStore process = null!;
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete, decorate: store =>
        {
            (var proxy, process) = SwitchedStore.Over(store);
            return proxy;
        });
        await service.Store.AddAsync(QueueService.Queue, [.. Ids.Select(id => DeliveryTests.NewJob(id))], Cancellation);

        foreach (var id in Ids)
        {
            await service.DeliverAsync($$"""{"jobId":"{{id}}","type":"index-message"}""", "event-" + id);
        }

        Assert.Equal(6, (await service.MetricsAsync()).Completed);
        Assert.Equal(0, process.Calls.GetValueOrDefault(nameof(IJobStore.HoldAsync)) + process.Calls.GetValueOrDefault(nameof(IJobStore.ReceiveAsync)));
    }

    [Fact]
    public async Task One_job_that_the_store_cannot_take_keeps_no_other_off_the_record()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete, decorate: PoisonedStore.Over);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => service.DeliverAsync(Envelope(i == 20 ? "poison" : $"job-{i}"), $"event-{i}")));

        Assert.Equal(1, answers.Count(answer => answer == "RETRY"));
        Assert.Equal(49, (await service.MetricsAsync()).Completed);
    }

    private static string Envelope(string jobId) => $$"""{"jobId":"{{jobId}}","type":"index-message","data":{{Data}}}""";

    /// <summary>Fails, as a script would, where one job is among those that it is to put on record.</summary>
    public class PoisonedStore : System.Reflection.DispatchProxy
    {
        private IJobStore _store = null!;

        public static IJobStore Over(IJobStore store)
        {
            var proxy = Create<IJobStore, PoisonedStore>();
            ((PoisonedStore)(object)proxy)._store = store;
            return proxy;
        }

        protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) =>
            args is [_, IReadOnlyList<NewJob> jobs, ..] && jobs.Any(job => job.JobId == "poison")
                ? Task.FromException<IReadOnlyList<JobArrival>>(new InvalidOperationException("One of them is poison."))
                : targetMethod!.Invoke(_store, args);
    }
}
