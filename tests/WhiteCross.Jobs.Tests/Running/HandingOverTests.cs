using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>An event that comes while its job changes hands is not swallowed, and nothing that follows an end holds the job's id.</summary>
public sealed class HandingOverTests
{
    private static readonly JobOutcome Done = new JobOutcome.Completed();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_comes_while_its_jobs_dead_letter_is_on_the_way_begins_the_job()
    {
        var (runs, letter) = (0, NewSignal());
        await using var bench = new WorkerBench((_, _) => ++runs == 1 ? throw new PermanentJobException("no") : Task.FromResult(Done));
        bench.BeforeDeadLetters = () => letter.Task;

        // The event is answered, though its letter is not out.
        Assert.Equal(DeliveryVerdict.Success, await await bench.AddAndDeliverAsync(WorkerBench.Job("a")));
        await bench.Record.RetryAsync(WorkerBench.Queue, ["a"], Cancellation);
        await bench.DeliverAsync("a");

        Assert.Equal((2, JobState.Completed), (runs, (await bench.GetAsync("a")).State));
        letter.SetResult();
    }

    [Fact]
    public async Task A_second_event_of_a_job_that_is_not_on_record_is_not_answered_before_the_job_is()
    {
        var busy = NewSignal();
        await using var bench = new WorkerBench(
            async (job, _) =>
            {
                await (job.Id == "a" ? Task.CompletedTask : busy.Task);
                return Done;
            },
            configure: options => options.Concurrency = 1);
        foreach (var n in Enumerable.Range(0, 20))
        {
            await bench.AddAndDeliverAsync(WorkerBench.Job($"busy-{n}"));
        }

        // Both at the gate: nothing but these events knows of the job.
        var first = bench.Worker.DeliverAsync(new BeginRequest("a", WorkerBench.Job("a")), JobPriority.Low);
        var second = bench.Worker.DeliverAsync(new BeginRequest("a", WorkerBench.Job("a")), JobPriority.Low);
        Assert.Null(await bench.Record.GetAsync(WorkerBench.Queue, "a", Cancellation));
        Assert.Equal((false, false), (first.IsCompleted, second.IsCompleted));

        busy.SetResult();
        Assert.Equal((DeliveryVerdict.Success, DeliveryVerdict.Success), (await first, await second));
        Assert.Equal(JobState.Completed, (await bench.GetAsync("a")).State);
    }

    [Fact]
    public async Task Dead_letters_that_cannot_be_published_block_nothing_and_stay_owed()
    {
        await using var bench = new WorkerBench((job, _) => job.Id == "bad" ? throw new PermanentJobException("no") : Task.FromResult(Done), configure: options => options.Concurrency = 1);
        bench.BeforeDeadLetters = () => throw new InvalidOperationException("NOPERM");

        Assert.Equal(DeliveryVerdict.Success, await await bench.AddAndDeliverAsync(WorkerBench.Job("bad")));
        Assert.Equal(DeliveryVerdict.Success, await await bench.AddAndDeliverAsync(WorkerBench.Job("good")));
        Assert.Empty(bench.DeadLetters);

        // Retried by hand, it runs again at once; and fails again, and owes its letter.
        await bench.Record.RetryAsync(WorkerBench.Queue, ["bad"], Cancellation);
        await bench.DeliverAsync("bad");
        Assert.Equal((JobState.Failed, 2), ((await bench.GetAsync("bad")).State, (await bench.GetAsync("bad")).Attempts.Count));
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("snooze")]
    [InlineData("fail")]
    public async Task An_event_that_comes_between_the_record_and_its_answer_is_not_swallowed(string kind)
    {
        var (runs, isHeld, recorded, answer) = (0, true, NewSignal(), NewSignal());
        WorkerBench? bench = null;
        await using var worker = bench = new WorkerBench(
            (_, _) => Task.FromResult(++runs > 1 ? Done : kind switch
            {
                "retry" => new JobOutcome.Retry("again", TimeSpan.Zero),
                "snooze" => new JobOutcome.Snooze(TimeSpan.Zero, "later"),
                _ => new JobOutcome.Fail("no"),
            }),
            decorate: store => HoldingStore.Over(store, nameof(IJobStore.FinishAsync), () =>
            {
                recorded.TrySetResult();
                return Volatile.Read(ref isHeld) ? answer.Task : Task.CompletedTask;
            }));
        var first = await bench.AddAndDeliverAsync(WorkerBench.Job("a"));
        await recorded.Task;
        Volatile.Write(ref isHeld, false);

        // The end is on record, and the worker does not know it yet. Somebody makes the job wait again; its event is here at once.
        if (kind == "fail")
        {
            await bench.Record.RetryAsync(WorkerBench.Queue, ["a"], Cancellation);
        }
        else
        {
            await bench.Record.TakeDueAsync(WorkerBench.Queue, 10, Cancellation);
            await bench.Record.PromoteAsync(WorkerBench.Queue, "a", Cancellation);
        }

        var second = bench.DeliverAsync("a");
        var isSwallowed = second.IsCompleted;
        answer.SetResult();
        Assert.False(isSwallowed);

        Assert.Equal([DeliveryVerdict.Success, DeliveryVerdict.Success], await Task.WhenAll(first, second));
        Assert.Equal((2, JobState.Completed), (runs, (await bench.GetAsync("a")).State));
    }

    [Fact]
    public async Task An_event_that_was_taken_for_a_repetition_is_asked_for_again_when_the_run_was_not_its_jobs_any_more()
    {
        var (started, goOn) = (NewSignal(), NewSignal());
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var zombie = new WorkerBench(
            async (_, _) =>
            {
                started.TrySetResult();
                await goOn.Task;
                return Done;
            },
            time,
            decorate: store => FaultyStore.Over(store, method => method == nameof(IJobStore.RenewAsync)));
        var first = await zombie.AddAndDeliverAsync(WorkerBench.Job("a"));
        await started.Task;
        var stalled = 0;
        for (var second = 0; second < 12 && stalled == 0; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            stalled = await zombie.Record.RecoverStalledAsync(WorkerBench.Queue, 10, Cancellation);
        }

        Assert.Equal(1, stalled);

        // The job waits again; its new event comes to the zombie.
        Assert.Equal("a", (await zombie.Record.TakeDueAsync(WorkerBench.Queue, 10, Cancellation)).Jobs.Single().JobId);
        await zombie.DeliverAsync("a");
        goOn.SetResult();
        await first;

        await Eventually.TrueAsync(async () => (await zombie.Record.TakeDueAsync(WorkerBench.Queue, 10, Cancellation)).Jobs is [{ JobId: "a" }]);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
