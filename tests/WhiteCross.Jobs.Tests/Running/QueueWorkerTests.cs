using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Tests.Running;

public sealed class QueueWorkerTests
{
    private static readonly Task<JobOutcome> Done = Task.FromResult<JobOutcome>(new JobOutcome.Completed());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_is_answered_once_its_job_is_on_record_as_completed()
    {
        await using var bench = new WorkerBench((job, _) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(new { job.Id })));

        var verdict = await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        Assert.Equal(DeliveryVerdict.Success, verdict);
        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, 1, 100d), (record.State, record.AttemptsMade, record.Progress.Percentage));
        Assert.Equal("a", record.Result!.Value.GetProperty("id").GetString());
        Assert.Single(record.Attempts);
    }

    [Fact]
    public async Task A_failed_attempt_waits_in_the_record_for_its_back_off_and_holds_no_slot()
    {
        var time = new FakeTimeProvider();
        await using var bench = new WorkerBench((_, _) => throw new TimeoutException("slow"), time, options => options.Concurrency = 1);
        var postponed = new List<DateTimeOffset>();
        bench.Worker.Postponed += postponed.Add;

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Delayed, 1), (record.State, record.AttemptsMade));
        Assert.Equal(time.GetUtcNow() + TimeSpan.FromSeconds(2), record.NextAttemptAt);
        Assert.Equal([record.NextAttemptAt!.Value], postponed);
        await Eventually.TrueAsync(() => bench.Worker.SlotsInUse == 0);

        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("a", (await bench.Record.TakeDueAsync(WorkerBench.Queue, 10, Cancellation)).Jobs.Single().JobId);
        await bench.DeliverAsync("a");

        record = await bench.GetAsync("a");
        Assert.Equal((JobState.Delayed, 2), (record.State, record.AttemptsMade));
        Assert.Equal(time.GetUtcNow() + TimeSpan.FromSeconds(4), record.NextAttemptAt);
    }

    [Fact]
    public async Task The_last_attempt_fails_the_job_and_its_dead_letter_is_published()
    {
        await using var bench = new WorkerBench((_, _) => throw new TimeoutException("slow"));

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 1));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Failed, 1, JobErrorCodes.Handler), (record.State, record.AttemptsMade, record.Error!.Code));
        Assert.Equal("TimeoutException: slow", record.Error.Message);
        Assert.Equal(["a"], bench.DeadLetters);
    }

    [Fact]
    public async Task A_permanent_error_fails_the_job_at_once()
    {
        await using var bench = new WorkerBench((_, _) => throw new PermanentJobException("no such person"));

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a", attempts: 5));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Failed, 1, JobErrorCodes.Permanent), (record.State, record.AttemptsMade, record.Error!.Code));
        Assert.Equal(["a"], bench.DeadLetters);
    }

    [Fact]
    public async Task Outcomes_do_what_they_say()
    {
        var outcomes = new Dictionary<string, JobOutcome>
        {
            ["fail"] = new JobOutcome.Fail("never"),
            ["cancel"] = new JobOutcome.Cancel("no longer wanted"),
            ["retry"] = new JobOutcome.Retry("later", TimeSpan.FromSeconds(7)),
            ["snooze"] = new JobOutcome.Snooze(TimeSpan.FromSeconds(9), "asked to wait"),
        };
        var time = new FakeTimeProvider();
        await using var bench = new WorkerBench((job, _) => Task.FromResult(outcomes[job.Id]), time);
        foreach (var id in outcomes.Keys)
        {
            await await bench.AddAndDeliverAsync(WorkerBench.Job(id));
        }

        var (fail, cancel, retry, snooze) = (await bench.GetAsync("fail"), await bench.GetAsync("cancel"), await bench.GetAsync("retry"), await bench.GetAsync("snooze"));
        Assert.Equal((JobState.Failed, "never", JobErrorCodes.Permanent), (fail.State, fail.Error!.Message, fail.Error.Code));
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled), (cancel.State, cancel.Error!.Code));
        Assert.Equal((JobState.Delayed, 1, time.GetUtcNow().AddSeconds(7)), (retry.State, retry.AttemptsMade, retry.NextAttemptAt!.Value));
        Assert.Equal((JobState.Delayed, 0, time.GetUtcNow().AddSeconds(9)), (snooze.State, snooze.AttemptsMade, snooze.NextAttemptAt!.Value));
    }

    [Fact]
    public async Task A_job_delivered_many_times_at_once_runs_once()
    {
        var runs = 0;
        await using var bench = new WorkerBench(async (_, _) =>
        {
            Interlocked.Increment(ref runs);
            await Task.Yield();
            return new JobOutcome.Completed();
        });
        await bench.Record.AddAsync(WorkerBench.Queue, [WorkerBench.Job("a")], Cancellation);

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => bench.DeliverAsync("a"), Cancellation)));

        Assert.All(verdicts, verdict => Assert.Equal(DeliveryVerdict.Success, verdict));
        await Eventually.TrueAsync(async () => (await bench.GetAsync("a")).State == JobState.Completed);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task No_more_handlers_run_at_once_than_the_queue_has_slots()
    {
        var (running, most) = (0, 0);
        await using var bench = new WorkerBench(
            async (_, _) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return new JobOutcome.Completed();
            },
            configure: options => options.Concurrency = 3);

        await Task.WhenAll(Enumerable.Range(0, 300).Select(async i => await await bench.AddAndDeliverAsync(WorkerBench.Job($"job-{i}"))));

        Assert.InRange(most, 1, 3);
        var metrics = await bench.Record.GetMetricsAsync([WorkerBench.Queue], Cancellation);
        Assert.Equal(300, metrics[0].Completed);
    }

    [Fact]
    public async Task A_critical_job_runs_before_a_backlog_of_low_ones()
    {
        var order = new ConcurrentQueue<string>();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bench = new WorkerBench(
            async (job, token) =>
            {
                order.Enqueue(job.Id);
                if (job.Id == "low-0")
                {
                    await first.Task.WaitAsync(token);
                }

                return new JobOutcome.Completed();
            },
            configure: options => options.Concurrency = 1);
        var lows = new List<Task<DeliveryVerdict>>();
        for (var i = 0; i < 200; i++)
        {
            lows.Add(await bench.AddAndDeliverAsync(WorkerBench.Job($"low-{i}", JobPriority.Low)));
        }

        await Eventually.TrueAsync(() => Task.FromResult(!order.IsEmpty));
        var critical = await bench.AddAndDeliverAsync(WorkerBench.Job("critical", JobPriority.Critical));
        first.SetResult();
        await critical;
        await Task.WhenAll(lows);

        Assert.Equal(["low-0", "critical"], order.Take(2));
    }

    [Fact]
    public async Task The_token_fires_at_the_jobs_timeout_and_the_attempt_counts()
    {
        await using var bench = new WorkerBench(async (_, token) =>
        {
            await Forever(token);
            return new JobOutcome.Completed();
        });

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a", timeout: TimeSpan.FromMilliseconds(50)));

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Delayed, 1), (record.State, record.AttemptsMade));
        Assert.Equal(JobErrorCodes.Timeout, record.Attempts.Single().Error!.Code);
    }

    [Fact]
    public async Task Each_job_has_its_own_timeout_though_they_share_a_timer()
    {
        var time = new FakeTimeProvider();
        var (started, stopped) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var bench = new WorkerBench(
            async (job, token) =>
            {
                started.Enqueue(job.Id);
                if (job.Id == "quick")
                {
                    return new JobOutcome.Completed();
                }

                try
                {
                    await Forever(token);
                }
                finally
                {
                    stopped.Enqueue(job.Id);
                }

                return new JobOutcome.Completed();
            },
            time,
            options => options.Lease = TimeSpan.FromHours(1));

        // The first to be due comes in between, and again after the timer has rung.
        await await bench.AddAndDeliverAsync(WorkerBench.Job("quick", timeout: TimeSpan.FromSeconds(5)));
        var slow = await StartAsync("slow", 60);
        var first = await StartAsync("first", 10);
        var second = await StartAsync("second", 20);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(stopped);

        time.Advance(TimeSpan.FromSeconds(1));
        await first;
        var third = await StartAsync("third", 5);
        time.Advance(TimeSpan.FromSeconds(5));
        await third;
        time.Advance(TimeSpan.FromSeconds(5));
        await second;
        time.Advance(TimeSpan.FromSeconds(40));
        await slow;

        Assert.Equal(["first", "third", "second", "slow"], stopped);
        Assert.Equal(JobState.Completed, (await bench.GetAsync("quick")).State);

        async Task<Task<DeliveryVerdict>> StartAsync(string id, int seconds)
        {
            var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job(id, timeout: TimeSpan.FromSeconds(seconds)));
            await Eventually.TrueAsync(() => Task.FromResult(started.Contains(id)));
            return delivered;
        }
    }

    [Fact]
    public async Task A_job_cancelled_from_elsewhere_stops_within_a_second()
    {
        var time = new FakeTimeProvider();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bench = new WorkerBench(async (_, token) =>
        {
            started.SetResult();
            await Forever(token);
            return new JobOutcome.Completed();
        }, time);
        var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job("a"));
        await started.Task;

        await bench.Record.CancelAsync(WorkerBench.Queue, "a", Cancellation);
        time.Advance(TimeSpan.FromSeconds(1));

        await delivered;
        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled), (record.State, record.Error!.Code));
    }

    [Fact]
    public async Task A_drain_puts_running_and_waiting_jobs_back_without_costing_an_attempt()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bench = new WorkerBench(
            async (_, token) =>
            {
                started.TrySetResult();
                await Forever(token);
                return new JobOutcome.Completed();
            },
            configure: options => options.Concurrency = 1);
        var running = await bench.AddAndDeliverAsync(WorkerBench.Job("running"));
        await started.Task;
        var pending = await bench.AddAndDeliverAsync(WorkerBench.Job("pending"));

        await bench.Worker.DrainAsync(Cancellation);
        var late = await bench.AddAndDeliverAsync(WorkerBench.Job("late"));

        Assert.Equal([DeliveryVerdict.Success, DeliveryVerdict.Success, DeliveryVerdict.Success], await Task.WhenAll(running, pending, late));
        var handedOut = (await bench.Record.TakeDueAsync(WorkerBench.Queue, 10, Cancellation)).Jobs.Select(job => job.JobId).ToHashSet();
        Assert.Equal(["late", "pending", "running"], handedOut.Order());
        foreach (var id in handedOut)
        {
            var record = await bench.GetAsync(id);
            Assert.Equal((JobState.Waiting, 0), (record.State, record.AttemptsMade));
        }
    }

    [Fact]
    public async Task A_run_that_begins_after_a_lease_was_over_is_given_back_unstarted()
    {
        var (time, runs, isFrozen) = (new FakeTimeProvider(), 0, true);
        var lease = new QueueOptions().Lease;
        await using var bench = new WorkerBench(
            (_, _) =>
            {
                runs++;
                return Done;
            },
            time,
            options => options.Concurrency = 1, // The one slot must be free again.
            decorate: store => FaultyStore.Over(store, call =>
            {
                if (call == nameof(IJobStore.BeginAsync) && isFrozen)
                {
                    time.Advance(lease); // As for a process that is frozen while the store answers.
                }

                return false;
            }));

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        var record = await bench.GetAsync("a");
        Assert.Equal((0, JobState.Waiting, 0), (runs, record.State, record.AttemptsMade));

        isFrozen = false;
        await bench.DeliverAsync("a");
        Assert.Equal((1, JobState.Completed), (runs, (await bench.GetAsync("a")).State));
    }

    [Fact]
    public async Task A_run_whose_lease_was_taken_over_cannot_write_any_more()
    {
        var time = new FakeTimeProvider();
        var (started, goOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var zombie = new WorkerBench(
            async (_, _) =>
            {
                started.TrySetResult();
                await goOn.Task;
                return new JobOutcome.Completed("zombie");
            },
            time,
            decorate: store => FaultyStore.Over(store, method => method == nameof(IJobStore.RenewAsync)));
        var delivered = await zombie.AddAndDeliverAsync(WorkerBench.Job("a"));
        await started.Task;

        time.Advance(zombie.Options.Lease + TimeSpan.FromSeconds(1));
        Assert.Equal(1, await zombie.Record.RecoverStalledAsync(WorkerBench.Queue, 10, Cancellation));
        goOn.SetResult();
        await delivered;

        var record = await zombie.GetAsync("a");
        Assert.Equal((JobState.Waiting, 1), (record.State, record.AttemptsMade));
        Assert.Null(record.Result);
        Assert.Equal(JobErrorCodes.Stalled, record.Attempts.Single().Error!.Code);
    }

    [Fact]
    public async Task While_the_store_is_away_an_event_is_asked_for_again_and_an_end_is_kept_until_it_is_back()
    {
        var isAway = true;
        await using var bench = new WorkerBench(
            (_, _) => Done,
            configure: options => options.Lease = TimeSpan.FromSeconds(2),
            decorate: store => FaultyStore.Over(store, method => Volatile.Read(ref isAway) && method != nameof(IJobStore.RenewAsync)));
        await bench.Record.AddAsync(WorkerBench.Queue, [WorkerBench.Job("a")], Cancellation);
        Assert.Equal(DeliveryVerdict.Retry, await bench.DeliverAsync("a"));

        var failures = 0;
        var finishing = new WorkerBench(
            (_, _) => Done,
            decorate: store => FaultyStore.Over(store, method => method == nameof(IJobStore.FinishAsync) && Interlocked.Increment(ref failures) <= 3));
        await using (finishing)
        {
            Assert.Equal(DeliveryVerdict.Success, await await finishing.AddAndDeliverAsync(WorkerBench.Job("b")));
            Assert.Equal(JobState.Completed, (await finishing.GetAsync("b")).State);
            Assert.Equal(4, failures);
        }
    }

    [Fact]
    public async Task A_finished_step_is_not_run_again_by_a_later_attempt()
    {
        var (mails, attempts) = (0, 0);
        await using var bench = new WorkerBench(async (job, token) =>
        {
            var receipt = await job.StepAsync("mail", _ => Task.FromResult($"receipt-{++mails}"), token);
            Assert.Equal(receipt, await job.StepAsync("mail", _ => Task.FromResult($"receipt-{++mails}"), token));
            if (++attempts == 1)
            {
                return new JobOutcome.Retry("again", TimeSpan.Zero);
            }

            // One that no earlier attempt came to.
            return new JobOutcome.Completed(await job.StepAsync("file", _ => Task.FromResult(receipt), token));
        });

        await await bench.AddAndDeliverAsync(WorkerBench.Job("a"));
        await bench.Record.TakeDueAsync(WorkerBench.Queue, 10, Cancellation);
        await bench.DeliverAsync("a");

        var record = await bench.GetAsync("a");
        Assert.Equal((JobState.Completed, 2, 1), (record.State, record.AttemptsMade, mails));
        Assert.Equal("receipt-1", record.Result!.Value.GetString());
    }

    [Fact]
    public async Task Progress_and_log_lines_are_on_record_while_the_job_runs_and_cut_at_their_limits()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bench = new WorkerBench(async (job, token) =>
        {
            await job.ReportProgressAsync(40, "halfway", 2, 5);
            for (var i = 0; i < 250; i++)
            {
                await job.LogAsync($"line {i} " + new string('x', 2_000));
            }

            await goOn.Task.WaitAsync(token);
            return new JobOutcome.Completed();
        });
        var delivered = await bench.AddAndDeliverAsync(WorkerBench.Job("a"));

        await Eventually.TrueAsync(async () => (await bench.GetAsync("a")).Progress.Percentage == 40);
        goOn.SetResult();
        await delivered;

        var record = await bench.GetAsync("a");
        Assert.Equal(200, record.Logs.Count);
        Assert.StartsWith("line 249", record.Logs[^1], StringComparison.Ordinal);
        Assert.All(record.Logs, line => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(line), 1, 1024));
    }

    [Fact]
    public async Task An_event_that_names_a_job_of_which_nothing_is_on_record_says_so()
    {
        await using var bench = new WorkerBench((_, _) => Done);

        Assert.Equal(DeliveryVerdict.Unknown, await bench.DeliverAsync("nobody"));
    }

    [Fact]
    public async Task An_event_that_describes_a_job_puts_it_on_record_and_runs_it()
    {
        await using var bench = new WorkerBench((_, _) => Done);

        await bench.Worker.DeliverAsync(new BeginRequest("a", WorkerBench.Job("a")), JobPriority.Normal);

        Assert.Equal(JobState.Completed, (await bench.GetAsync("a")).State);
    }

    private static Task Forever(CancellationToken token) => new TaskCompletionSource().Task.WaitAsync(token);

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            if (Interlocked.CompareExchange(ref most, value, seen) == seen)
            {
                return;
            }
        }
    }
}
