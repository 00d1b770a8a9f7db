using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>Snoozes are counted, spaced, visible, and bounded by time.</summary>
public sealed class SnoozeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Snoozes_are_at_least_a_second_apart_grow_and_are_on_record()
    {
        var time = new FakeTimeProvider();
        await using var bench = new WorkerBench((_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Snooze(TimeSpan.Zero, "The provider asks to wait.")), time);
        var since = time.GetUtcNow();
        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));
        var pauses = new List<double>();
        for (var i = 1; i < 30; i++)
        {
            pauses.Add(await SnoozeOnAsync(bench, time, "a"));
            Assert.Equal(i, (await bench.GetAsync("a")).Snoozes - 1);
        }

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Delayed, 0, 30, "The provider asks to wait."), (record.State, record.AttemptsMade, record.Snoozes, record.SnoozeReason));
        Assert.Equal(since, record.SnoozedSince);
        Assert.Equal([1, 1.5, 2.25], pauses.Take(3));
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(300, pauses[^1]);
    }

    [Fact]
    public async Task A_snooze_beyond_the_queues_time_is_an_attempt()
    {
        var time = new FakeTimeProvider();
        await using var bench = new WorkerBench(
            (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Snooze(TimeSpan.FromHours(1), "away")), time, options => options.MaxSnooze = TimeSpan.FromHours(4));
        await await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 2));
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            for (var i = 0; i < 3; i++)
            {
                await SnoozeOnAsync(bench, time, "a");
                Assert.Equal(attempt - 1, (await bench.GetAsync("a")).AttemptsMade);
            }

            await SnoozeOnAsync(bench, time, "a");
            Assert.Equal(attempt, (await bench.GetAsync("a")).AttemptsMade);
            if (attempt == 1)
            {
                Assert.Equal((JobState.Delayed, 0), ((await bench.GetAsync("a")).State, (await bench.GetAsync("a")).Snoozes));
                await SnoozeOnAsync(bench, time, "a");
            }
        }

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Failed, JobErrorCodes.Snoozed), (record.State, record.Error!.Code));
        Assert.Contains("away", record.Error.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], bench.DeadLetters);
    }

    [Fact]
    public async Task A_snooze_that_is_wanted_starts_anew_and_is_not_bounded()
    {
        var time = new FakeTimeProvider();
        await using var bench = new WorkerBench(
            (_, _) => Task.FromResult<JobOutcome>(new JobOutcome.Snooze(TimeSpan.FromSeconds(1), "There is more.") { StartsAnew = true }),
            time,
            options => options.MaxSnooze = TimeSpan.FromMinutes(1));
        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(1, await SnoozeOnAsync(bench, time, "a"));
        }

        Assert.Equal((JobState.Delayed, 0, 1), ((await bench.GetAsync("a")).State, (await bench.GetAsync("a")).AttemptsMade, (await bench.GetAsync("a")).Snoozes));
    }

    /// <summary>A machine may stand still until the timeout has come: what the attempt's work came to is true all the same.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_snooze_after_the_timeout_costs_an_attempt_unless_the_work_went_on(bool startsAnew, int attempts)
    {
        await using var bench = new WorkerBench(async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new JobOutcome.Snooze(TimeSpan.FromSeconds(1), "There is more.") { StartsAnew = startsAnew };
        });
        await await bench.AddAndDeliverAsync(WorkerBench.Job("a", timeout: TimeSpan.FromMilliseconds(50)));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Delayed, attempts), (record.State, record.AttemptsMade));
        Assert.Equal(startsAnew ? JobErrorCodes.Snoozed : JobErrorCodes.Timeout, record.Error!.Code);
    }

    /// <summary>Lets a postponed job be due and run.</summary>
    /// <returns>For how long it had been postponed, in seconds.</returns>
    private static async Task<double> SnoozeOnAsync(WorkerBench bench, FakeTimeProvider time, string id)
    {
        var pause = (await bench.GetAsync(id)).NextAttemptAt!.Value - time.GetUtcNow();
        time.Advance(pause);
        Assert.Equal(id, (await bench.Record.TakeDueAsync(WorkerBench.Queue, 10, Cancellation)).Jobs.Single().JobId);
        await bench.DeliverAsync(id);
        return pause.TotalSeconds;
    }
}
