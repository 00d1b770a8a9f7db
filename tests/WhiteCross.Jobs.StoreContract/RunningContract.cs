using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Runs: begin, renew, finish; leases and their fence.</summary>
public abstract class RunningContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task A_run_gets_the_job_as_it_is_on_record()
    {
        await AddAsync(new NewJob
        {
            JobId = "a",
            Type = "send-message",
            Data = Json("""{"text":"ü"}"""),
            Priority = JobPriority.Critical,
            MaxAttempts = 4,
            Backoff = new JobBackoff(JobBackoffType.Fixed, 1500),
            Timeout = TimeSpan.FromSeconds(45),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        });
        var added = Now;
        Time.Advance(TimeSpan.FromSeconds(3));

        var run = await StartAsync("a");
        Assert.Equal(new RunKey("a", 1), run.Key);
        Assert.Equal("""{"text":"ü"}"""u8.ToArray(), run.Data.ToArray());
        Assert.Equal(("send-message", JobPriority.Critical, 1, 4), (run.Type, run.Priority, run.Attempt, run.MaxAttempts));
        Assert.Equal((new JobBackoff(JobBackoffType.Fixed, 1500), TimeSpan.FromSeconds(45)), (run.Backoff, run.Timeout));
        Assert.Equal((added, added, Now), (run.CreatedAt, run.ReadySince, run.StartedAt));
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", run.TraceParent);
        Assert.False(run.HasRunBefore);

        var record = await GetAsync("a");
        Assert.Equal((JobState.Active, Now, 0), (record.State, record.StartedAt, record.AttemptsMade));
    }

    [Fact]
    public async Task A_job_that_runs_does_not_begin_again_however_often_its_event_comes()
    {
        await AddAsync("a");
        var results = await Store.BeginAsync(Queue, [new BeginRequest("a"), new BeginRequest("a")], Cancel);
        Assert.Equal([BeginOutcome.Started, BeginOutcome.Running], results.Select(result => result.Outcome));
        Assert.Equal(BeginOutcome.Running, (await BeginAsync("a")).Outcome);
        Assert.Equal(BeginOutcome.Running, (await BeginAsync("a", Job("a"))).Outcome);
    }

    [Fact]
    public async Task Batches_of_begins_and_ends_come_in_their_order()
    {
        await Store.AddAsync(Queue, [Job("a"), Job("b") with { Delay = TimeSpan.FromSeconds(1) }, Job("c")], Cancel);
        var begun = await Store.BeginAsync(
            Queue, [new BeginRequest("c"), new BeginRequest("none"), new BeginRequest("b"), new BeginRequest("d", Job("d")), new BeginRequest("a")], Cancel);
        Assert.Equal(
            [BeginOutcome.Started, BeginOutcome.Unknown, BeginOutcome.NotDue, BeginOutcome.Started, BeginOutcome.Started],
            begun.Select(result => result.Outcome));
        Assert.Equal(["c", "d", "a"], begun.Where(result => result.Run is not null).Select(result => result.Run!.Key.JobId));

        var states = await Store.FinishAsync(
            Queue,
            [
                new RunEnd(begun[0].Run!.Key, RunEndKind.Completed),
                new RunEnd(new RunKey("none", 1), RunEndKind.Completed),
                new RunEnd(begun[3].Run!.Key, RunEndKind.Failed) { Logs = ["one", "two"] },
                new RunEnd(begun[4].Run!.Key, RunEndKind.Released),
            ],
            Cancel);
        Assert.Equal([LeaseState.Held, LeaseState.Lost, LeaseState.Held, LeaseState.Held], states);
        Assert.Equal(
            [JobState.Waiting, JobState.Delayed, JobState.Completed, JobState.Failed],
            [await StateAsync("a"), await StateAsync("b"), await StateAsync("c"), await StateAsync("d")]);
    }

    [Fact]
    public async Task An_event_that_describes_its_job_puts_it_on_record_first()
    {
        var result = await BeginAsync("a", Job("a", """{"v":1}""") with { Priority = JobPriority.Low });
        Assert.Equal(BeginOutcome.Started, result.Outcome);
        Assert.Equal("""{"v":1}"""u8.ToArray(), result.Run!.Data.ToArray());
        Assert.Equal((Now, Now), (result.Run.CreatedAt, result.Run.ReadySince));
        Assert.Equal((1L, 1L), ((await MetricsAsync()).Added, (await MetricsAsync()).Active));
    }

    [Fact]
    public async Task An_event_that_describes_a_delayed_or_invalid_job_puts_it_on_record_but_does_not_run_it()
    {
        Assert.Equal(BeginOutcome.NotDue, (await BeginAsync("later", Job("later") with { Delay = TimeSpan.FromSeconds(1) })).Outcome);
        Assert.Equal(BeginOutcome.Ended, (await BeginAsync("bad", Job("bad") with { Error = new JobError("no", Code: JobErrorCodes.Invalid) })).Outcome);
        Assert.Equal((JobState.Delayed, JobState.Failed), (await StateAsync("later"), await StateAsync("bad")));
        Assert.Equal(2, (await MetricsAsync()).Added);
    }

    [Fact]
    public async Task An_event_without_a_job_is_unknown() => Assert.Equal(BeginOutcome.Unknown, (await BeginAsync("none")).Outcome);

    [Fact]
    public async Task Ended_jobs_do_not_run_again_also_when_only_a_tombstone_is_left()
    {
        await AddCompletedAsync("done");
        await AddFailedAsync("broken");
        await AddCompletedAsync(Job("gone") with { RemoveOnComplete = true });

        foreach (var id in (string[])["done", "broken", "gone"])
        {
            Assert.Equal(BeginOutcome.Ended, (await BeginAsync(id)).Outcome);
            Assert.Equal(BeginOutcome.Ended, (await BeginAsync(id, Job(id))).Outcome);
        }

        Assert.Null(await FindAsync("gone"));
        Assert.Equal(3, (await MetricsAsync()).Added);
    }

    [Fact]
    public async Task Completing_puts_the_result_on_record()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        Time.Advance(TimeSpan.FromSeconds(2));
        await FinishAsync(new RunEnd(run.Key, RunEndKind.Completed)
        {
            Result = Json("""{"sent":true}"""),
            Progress = Json("""{"percentage":40,"step":"half"}"""),
            Logs = ["sent"],
        });

        var record = await GetAsync("a");
        Assert.Equal((JobState.Completed, 1, Now), (record.State, record.AttemptsMade, record.FinishedAt));
        Assert.Equal("""{"sent":true}""", record.Result?.GetRawText());
        Assert.Equal((100d, "half"), (record.Progress.Percentage, record.Progress.Step));
        Assert.Equal(["sent"], record.Logs);
        Assert.Equal([new JobAttempt(1, Now.AddSeconds(-2), Now, null)], record.Attempts);
        Assert.Null(record.Error);
    }

    [Fact]
    public async Task A_failed_attempt_waits_its_back_off_and_costs_an_attempt()
    {
        await AddAsync("a");
        var error = new JobError("busy", "at Here()", JobErrorCodes.Timeout);
        var run = await StartAsync("a");
        Assert.Equal(LeaseState.Held, await FinishAsync(new RunEnd(run.Key, RunEndKind.Retry) { Delay = TimeSpan.FromSeconds(2), Error = error }));

        var record = await GetAsync("a");
        Assert.Equal((JobState.Delayed, 1, Now.AddSeconds(2)), (record.State, record.AttemptsMade, record.NextAttemptAt));
        Assert.Equal(error, record.Error);
        Assert.Equal([new JobAttempt(1, Now, Now, error)], record.Attempts);
        Assert.Equal(BeginOutcome.NotDue, (await BeginAsync("a")).Outcome);

        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["a"], await TakeDueAsync());
        var second = await StartAsync("a");
        Assert.Equal((2, 2L, true), (second.Attempt, second.Key.Token, second.HasRunBefore));
        Assert.Equal(Now, second.ReadySince);
        await CompleteAsync(second);
        Assert.Equal([1, 2], (await GetAsync("a")).Attempts.Select(attempt => attempt.Number));
        Assert.Equal((1L, 1L), ((await MetricsAsync()).RetriedTotal, (await MetricsAsync()).CompletedTotal));
    }

    [Fact]
    public async Task A_last_attempt_that_asks_for_another_fails_for_good()
    {
        await AddAsync(Job("a") with { MaxAttempts = 1 });
        Assert.Equal(LeaseState.Held, await RetryLaterAsync(await StartAsync("a"), TimeSpan.FromSeconds(1)));
        var record = await GetAsync("a");
        Assert.Equal((JobState.Failed, 1, "busy"), (record.State, record.AttemptsMade, record.Error?.Message));
        Time.Advance(JobStoreRules.ClaimFor);
        Assert.Equal(["a"], await TakeDeadLettersAsync());
        Assert.Equal((0L, 1L), ((await MetricsAsync()).RetriedTotal, (await MetricsAsync()).FailedTotal));
    }

    [Fact]
    public async Task Failing_for_good_puts_the_error_on_record_and_owes_a_dead_letter()
    {
        await AddFailedAsync("a", publishDeadLetter: false);
        var record = await GetAsync("a");
        Assert.Equal((JobState.Failed, 1, Now), (record.State, record.AttemptsMade, record.FinishedAt));
        Assert.Equal(new JobError("broken", Code: JobErrorCodes.Permanent), record.Error);
        Assert.Equal(1, (await MetricsAsync()).FailedTotal);
        Time.Advance(JobStoreRules.ClaimFor);
        Assert.Equal(["a"], await TakeDeadLettersAsync());
    }

    [Fact]
    public async Task A_snoozed_job_is_delayed_without_costing_an_attempt()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await FinishAsync(new RunEnd(run.Key, RunEndKind.Snoozed) { Delay = TimeSpan.FromMinutes(1), Error = new JobError("breaker open") });

        var record = await GetAsync("a");
        Assert.Equal((JobState.Delayed, 0, Now.AddMinutes(1)), (record.State, record.AttemptsMade, record.NextAttemptAt));
        Assert.Equal("breaker open", record.Error?.Message);
        Assert.Empty(record.Attempts);
        Assert.Equal(0, (await MetricsAsync()).RetriedTotal);
    }

    [Fact]
    public async Task A_released_job_waits_at_once_without_costing_an_attempt_and_gets_an_event()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await FinishAsync(new RunEnd(run.Key, RunEndKind.Released));

        var record = await GetAsync("a");
        Assert.Equal((JobState.Waiting, 0), (record.State, record.AttemptsMade));
        Assert.Equal(["a"], await TakeDueAsync());
        Assert.Equal(1, (await StartAsync("a")).Attempt);
    }

    [Fact]
    public async Task A_run_may_end_only_once()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        var states = await Store.FinishAsync(
            Queue, [new RunEnd(run.Key, RunEndKind.Completed), new RunEnd(run.Key, RunEndKind.Failed)], Cancel);
        Assert.Equal([LeaseState.Held, LeaseState.Lost], states);
        Assert.Equal(LeaseState.Held, await CompleteAsync(run)); // The same end again: its answer may have been lost.
        Assert.Equal(LeaseState.Lost, await FinishAsync(new RunEnd(run.Key, RunEndKind.Failed)));
        Assert.Equal((JobState.Completed, 1), ((await GetAsync("a")).State, (await GetAsync("a")).AttemptsMade));
        Assert.Equal(1, (await MetricsAsync()).CompletedTotal);
    }

    [Fact]
    public async Task A_job_that_asked_for_it_is_forgotten_when_it_has_completed()
    {
        await AddCompletedAsync(Job("a") with { RemoveOnComplete = true });
        Assert.Null(await FindAsync("a"));
        Assert.Equal((0L, 1L, 1L), ((await MetricsAsync()).Completed, (await MetricsAsync()).CompletedTotal, (await MetricsAsync()).Removed));
        Assert.Equal(AddOutcome.Ended, (await AddAsync("a")).Outcome);
    }

    [Fact]
    public async Task Ends_trim_completed_jobs_to_the_number_to_keep()
    {
        Options.KeepCompleted = 2;
        foreach (var id in Ids("a", 4))
        {
            await AddCompletedAsync(id);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(await FindAsync("a001"));
        Assert.Null(await FindAsync("a002"));
        Assert.NotNull(await FindAsync("a003"));
        Assert.Equal((2L, 4L, 2L), ((await MetricsAsync()).Completed, (await MetricsAsync()).CompletedTotal, (await MetricsAsync()).Removed));
        Assert.Equal(BeginOutcome.Ended, (await BeginAsync("a001", Job("a001"))).Outcome);
    }

    [Fact]
    public async Task Ends_trim_failed_jobs_to_the_number_to_keep_but_not_before_their_dead_letter_is_out()
    {
        Options.KeepFailed = 1;
        await AddFailedAsync("a", publishDeadLetter: false);
        Time.Advance(TimeSpan.FromSeconds(1));
        await AddFailedAsync("b");
        Time.Advance(TimeSpan.FromSeconds(1));
        await AddFailedAsync("c");
        Assert.NotNull(await FindAsync("a"));
        Assert.Null(await FindAsync("b"));

        await Store.ConfirmDeadLettersAsync(Queue, ["a"], Cancel);
        await AddCompletedAsync("d");
        Assert.Null(await FindAsync("a"));
        Assert.NotNull(await FindAsync("c"));
    }

    [Fact]
    public async Task Renewing_moves_the_end_of_the_lease()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        Time.Advance(Options.Lease - TimeSpan.FromMilliseconds(1));
        Assert.Equal(LeaseState.Held, await RenewAsync(run));
        Time.Advance(Options.Lease - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await RecoverAsync());
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await RecoverAsync());
        Assert.Equal(LeaseState.Lost, await RenewAsync(run));
    }

    [Fact]
    public async Task A_run_whose_lease_ran_out_keeps_its_job_until_somebody_takes_it()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        Time.Advance(Options.Lease * 3);
        Assert.Equal(LeaseState.Held, await RenewAsync(run));
        Assert.Equal(0, await RecoverAsync());
        Assert.Equal(LeaseState.Held, await CompleteAsync(run));
    }

    [Fact]
    public async Task A_woken_zombie_is_refused_in_every_write()
    {
        await AddAsync("a");
        var zombie = await StartAsync("a");
        Time.Advance(Options.Lease);
        await RecoverAsync();
        var successor = await StartAsync("a");
        Assert.True(successor.Key.Token > zombie.Key.Token);

        Assert.Equal(LeaseState.Lost, await RenewAsync(zombie));
        Assert.Equal(LeaseState.Lost, await ReportAsync(new RunReport(zombie.Key) { Progress = Json("""{"percentage":9}"""), Logs = ["late"], Step = "s", StepResult = Json("1") }));
        Assert.Equal(LeaseState.Lost, await FinishAsync(new RunEnd(zombie.Key, RunEndKind.Failed) { Logs = ["late"] }));

        var record = await GetAsync("a");
        Assert.Equal((JobState.Active, 0d), (record.State, record.Progress.Percentage));
        Assert.Empty(record.Logs);
        Assert.Empty(record.Steps);
        Assert.Equal(LeaseState.Held, await CompleteAsync(successor));
    }

    [Fact]
    public async Task Snoozes_are_counted_with_their_reason_until_an_attempt_counts()
    {
        await AddAsync("a");
        var since = Now;
        for (var i = 1; i <= 3; i++)
        {
            var snoozed = await StartAsync("a");
            Assert.Equal((i - 1, i == 1 ? null : since), (snoozed.Snoozes, snoozed.SnoozedSince));
            await FinishAsync(new RunEnd(snoozed.Key, RunEndKind.Snoozed) { Delay = TimeSpan.FromSeconds(1), SnoozeReason = $"breaker {i}" });
            var record = await GetAsync("a");
            Assert.Equal((i, $"breaker {i}", since, 0), (record.Snoozes, record.SnoozeReason, record.SnoozedSince, record.AttemptsMade));
            Time.Advance(TimeSpan.FromSeconds(1));
            await TakeDueAsync();
        }

        await FinishAsync(new RunEnd((await StartAsync("a")).Key, RunEndKind.Released));
        Assert.Equal(3, (await GetAsync("a")).Snoozes);
        await RetryLaterAsync(await StartAsync("a"), TimeSpan.Zero);
        Assert.Equal((0, null, null), ((await GetAsync("a")).Snoozes, (await GetAsync("a")).SnoozeReason, (await GetAsync("a")).SnoozedSince));
    }

    [Fact]
    public async Task A_snooze_that_starts_anew_is_the_first()
    {
        await AddAsync("a");
        await FinishAsync(new RunEnd((await StartAsync("a")).Key, RunEndKind.Snoozed) { SnoozeReason = "breaker open" });
        Time.Advance(TimeSpan.FromMinutes(1));
        await TakeDueAsync();
        var anew = Now;

        await FinishAsync(new RunEnd((await StartAsync("a")).Key, RunEndKind.Snoozed) { SnoozeReason = "there is more", SnoozesAnew = true });

        var record = await GetAsync("a");
        Assert.Equal((JobState.Delayed, 1, "there is more", anew), (record.State, record.Snoozes, record.SnoozeReason, record.SnoozedSince));
    }

    [Fact]
    public async Task A_retry_by_hand_and_a_stall_end_the_snoozes()
    {
        await Store.AddAsync(Queue, [Job("retried"), Job("stalled")], Cancel);
        foreach (var id in (string[])["retried", "stalled"])
        {
            await FinishAsync(new RunEnd((await StartAsync(id)).Key, RunEndKind.Snoozed) { SnoozeReason = "busy" });
        }

        await Store.CancelAsync(Queue, "retried", Cancel);
        Assert.Equal(1, (await GetAsync("retried")).Snoozes);
        await Store.RetryAsync(Queue, ["retried"], Cancel);
        await TakeDueAsync();
        await StartAsync("stalled");
        await AdvanceAndRecoverAsync(Options.Lease);
        Assert.Equal((0, 0), ((await GetAsync("retried")).Snoozes, (await GetAsync("stalled")).Snoozes));
        Assert.Null((await GetAsync("retried")).SnoozeReason);
    }

    [Fact]
    public async Task However_often_a_job_is_retried_by_hand_its_attempts_on_record_do_not_grow_for_ever()
    {
        await AddAsync(Job("a") with { MaxAttempts = 2 });
        for (var life = 0; life < 30; life++)
        {
            await RetryLaterAsync(await StartAsync("a"), TimeSpan.Zero);
            await TakeDueAsync();
            await RetryLaterAsync(await StartAsync("a"), TimeSpan.Zero);
            var attempts = (await GetAsync("a")).Attempts;
            Assert.Equal([1, 2], attempts.TakeLast(2).Select(attempt => attempt.Number));
            Assert.InRange(attempts.Count, 2, JobStoreRules.MaxEarlierAttempts + 2);
            _ = life % 2 == 0 ? await Store.RetryAsync(Queue, ["a"], Cancel) : await Store.RetryAsync(Queue, jobIds: null, Cancel);
        }

        Assert.Equal(JobStoreRules.MaxEarlierAttempts, (await GetAsync("a")).Attempts.Count);
    }
}
