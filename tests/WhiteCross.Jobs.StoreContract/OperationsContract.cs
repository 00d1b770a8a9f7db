using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>What operators do: retry, promote, remove, pause, clean; and retention.</summary>
public abstract class OperationsContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task A_retried_job_has_all_its_attempts_before_it_and_keeps_its_finished_steps()
    {
        await AddAsync(Job("a") with { MaxAttempts = 2 });
        var run = await StartAsync("a");
        await ReportAsync(new RunReport(run.Key) { Step = "mail", StepResult = Json("1"), Progress = Json("""{"percentage":50}""") });
        await FinishAsync(new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError("broken") });
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([ChangeOutcome.Done], await Store.RetryAsync(Queue, ["a"], Cancel));
        var record = await GetAsync("a");
        Assert.Equal((JobState.Waiting, 0), (record.State, record.AttemptsMade));
        Assert.Equal((null, null, 0d), (record.Error, record.FinishedAt, record.Progress.Percentage));
        Assert.Equal(["mail"], record.Steps);
        Assert.Single(record.Attempts);
        Assert.Equal(["a"], await TakeDueAsync());
        Time.Advance(JobStoreRules.ClaimFor);
        Assert.Empty(await TakeDeadLettersAsync());

        var again = await StartAsync("a");
        Assert.Equal((1, true), (again.Attempt, again.HasRunBefore));
        await CompleteAsync(again);
        Assert.Equal([1, 1], (await GetAsync("a")).Attempts.Select(attempt => attempt.Number));
        Assert.Equal((1L, 1L, 1L), ((await MetricsAsync()).RetriedTotal, (await MetricsAsync()).FailedTotal, (await MetricsAsync()).CompletedTotal));
    }

    [Fact]
    public async Task The_result_of_an_ended_job_can_be_amended_and_nothing_else_changes()
    {
        await AddCompletedAsync("done");
        await AddFailedAsync("failed");
        await AddAsync("waits");
        var before = await GetAsync("done");
        Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(ChangeOutcome.Done, await Store.AmendResultAsync(Queue, "done", Json("""{"result":"delivered"}"""), Cancel));
        Assert.Equal(ChangeOutcome.Done, await Store.AmendResultAsync(Queue, "failed", Json("2"), Cancel));
        Assert.Equal(ChangeOutcome.WrongState, await Store.AmendResultAsync(Queue, "waits", Json("3"), Cancel));
        Assert.Equal(ChangeOutcome.NotFound, await Store.AmendResultAsync(Queue, "none", Json("4"), Cancel));

        var after = await GetAsync("done");
        Assert.Equal("delivered", after.Result!.Value.GetProperty("result").GetString());
        Assert.Equal((before.State, before.FinishedAt, before.AttemptsMade), (after.State, after.FinishedAt, after.AttemptsMade));
        Assert.Equal((JobState.Failed, 2), ((await GetAsync("failed")).State, (await GetAsync("failed")).Result!.Value.GetInt32()));
        Assert.Null((await GetAsync("waits")).Result);
    }

    [Fact]
    public async Task A_recalled_job_is_as_if_it_had_never_been_added__one_that_a_run_has_begun_stays()
    {
        await AddAsync("waits");
        await AddAsync(Job("delayed") with { Delay = TimeSpan.FromHours(1) });
        await AddFailedAsync("failed");
        await AddFailedAsync("retried");
        Assert.Equal(ChangeOutcome.Done, (await Store.RetryAsync(Queue, ["retried"], null, Cancel))[0]);
        await AddAsync("active");
        Assert.NotNull((await Store.BeginAsync(Queue, [new BeginRequest("active")], Cancel))[0].Run);

        Assert.Equal(
            [ChangeOutcome.Done, ChangeOutcome.Done, ChangeOutcome.WrongState, ChangeOutcome.WrongState, ChangeOutcome.WrongState, ChangeOutcome.NotFound],
            await Store.RecallAsync(Queue, ["waits", "delayed", "failed", "retried", "active", "none"], Cancel));
        Assert.Equal([ChangeOutcome.NotFound, ChangeOutcome.NotFound], await Store.RecallAsync(Queue, ["waits", "delayed"], Cancel));

        // Its events are still about, and are no reason to run or to fail it; added again it is a job like any other.
        Assert.Equal(BeginOutcome.Ended, (await Store.BeginAsync(Queue, [new BeginRequest("waits")], Cancel))[0].Outcome);
        Assert.Equal(BeginOutcome.Ended, (await Store.BeginAsync(Queue, [new BeginRequest("waits", IfMissing: Job("waits"))], Cancel))[0].Outcome);
        await Store.ReceiveAsync(Queue, [Job("waits")], Cancel);
        Assert.False(await Store.FailUndeliverableAsync(Queue, Job("waits") with { Error = new JobError("given up") }, Cancel));
        Assert.Equal([null, null], await Store.GetStatesAsync(Queue, ["waits", "delayed"], Cancel));
        Assert.Equal(AddOutcome.Added, (await AddAsync("waits")).Outcome);
        Assert.NotNull((await Store.BeginAsync(Queue, [new BeginRequest("waits")], Cancel))[0].Run);
        var metrics = (await Store.GetMetricsAsync([Queue], Cancel))[0];
        Assert.Equal(metrics.Added, metrics.Waiting + metrics.Delayed + metrics.Active + metrics.Completed + metrics.Failed + metrics.Removed);
    }

    [Fact]
    public async Task A_failed_job_waits_again_with_other_data()
    {
        await AddFailedAsync("a");
        await AddAsync("b");
        var failed = (await GetAsync("a")).FinishedAt!.Value;

        Assert.Equal(ChangeOutcome.WrongState, await Store.RetryWithAsync(Queue, Job("a") with { Data = Json("1") }, failed - TimeSpan.FromMilliseconds(1), Cancel));
        Assert.Equal(ChangeOutcome.WrongState, await Store.RetryWithAsync(Queue, Job("b") with { Data = Json("1") }, DateTimeOffset.MaxValue, Cancel));
        Assert.Equal(ChangeOutcome.NotFound, await Store.RetryWithAsync(Queue, Job("none") with { Data = Json("1") }, DateTimeOffset.MaxValue, Cancel));
        Assert.Equal(JobState.Failed, (await GetAsync("a")).State);

        Assert.Equal(ChangeOutcome.Done, await Store.RetryWithAsync(Queue, Job("a") with { Data = Json("""{"to":"other"}""") }, failed, Cancel));

        var job = await GetAsync("a");
        Assert.Equal((JobState.Waiting, 0, "other"), (job.State, job.AttemptsMade, job.Data.GetProperty("to").GetString()));
        Assert.Null(job.Error);

        // It is the same job as one of that data from now on, and runs with it.
        Assert.True((await Store.AddAsync(Queue, [Job("a") with { Data = Json("""{"to":"other"}""") }], Cancel))[0].SameData);
        var begun = await Store.BeginAsync(Queue, [new BeginRequest("a")], Cancel);
        Assert.Equal("""{"to":"other"}""", System.Text.Encoding.UTF8.GetString(begun[0].Run!.Data.Span));
    }

    [Fact]
    public async Task Jobs_are_listed_by_a_term_page_by_page_until_their_records_go()
    {
        await Store.AddAsync(Queue, [.. Ids("t", 5).Select(id => Job(id) with { Terms = ["recipientId:1", $"messageId:{id}"] }), Job("other") with { Terms = ["recipientId:11", "tag:recipientId:1"] }, Job("none")], Cancel);

        var first = await Store.ListByTermAsync(Queue, "recipientId:1", 3, null, Cancel);
        var second = await Store.ListByTermAsync(Queue, "recipientId:1", 3, first.NextCursor, Cancel);

        Assert.Equal((3, 2), (first.Jobs.Count, second.Jobs.Count));
        Assert.Null(second.NextCursor);
        // The newest first; of one moment by their ids.
        Assert.Equal(Ids("t", 5).OrderDescending(StringComparer.Ordinal), first.Jobs.Concat(second.Jobs).Select(job => job.JobId));
        Assert.Equal("other", Assert.Single((await Store.ListByTermAsync(Queue, "recipientId:11", 10, null, Cancel)).Jobs).JobId);
        Assert.Empty((await Store.ListByTermAsync(Queue, "recipientId:2", 10, null, Cancel)).Jobs);

        var known = Ids("t", 5)[0];
        Assert.Equal(known, Assert.Single((await Store.ListByTermAsync(Queue, $"messageId:{known}", 10, null, Cancel)).Jobs).JobId);
        await Store.RemoveAsync(Queue, known, Cancel);
        Assert.Empty((await Store.ListByTermAsync(Queue, $"messageId:{known}", 10, null, Cancel)).Jobs);
        Assert.Equal(4, (await Store.ListByTermAsync(Queue, "recipientId:1", 10, null, Cancel)).Jobs.Count);
    }

    [Fact]
    public async Task Retention_takes_the_terms_along_and_events_bring_them()
    {
        Options.KeepCompleted = 1;
        foreach (var id in Ids("r", 3))
        {
            await Store.ReceiveAsync(Queue, [Job(id) with { Terms = ["recipientId:1"] }], Cancel);
            var run = (await BeginAsync(id)).Run!;
            await Store.FinishAsync(Queue, [new RunEnd(run.Key, RunEndKind.Completed)], Cancel);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Store.TrimAsync(Queue, Cancel);

        Assert.Equal(Ids("r", 3)[^1], Assert.Single((await Store.ListByTermAsync(Queue, "recipientId:1", 10, null, Cancel)).Jobs).JobId);
    }

    [Fact]
    public async Task An_edited_job_is_found_by_what_it_was_and_what_it_is_about()
    {
        await Store.AddAsync(Queue, [Job("a") with { Terms = ["recipientId:1"], Error = new JobError("no") }], Cancel);
        await Store.RetryWithAsync(Queue, Job("a") with { Data = Json("1"), Terms = ["recipientId:2"] }, DateTimeOffset.MaxValue, Cancel);

        foreach (var term in (string[])["recipientId:1", "recipientId:2"])
        {
            Assert.Equal("a", Assert.Single((await Store.ListByTermAsync(Queue, term, 10, null, Cancel)).Jobs).JobId);
        }
    }

    [Fact]
    public async Task Retrying_says_what_came_of_each()
    {
        await AddFailedAsync("a");
        await AddAsync("b");
        await AddCompletedAsync("c");
        Assert.Equal(
            [ChangeOutcome.Done, ChangeOutcome.WrongState, ChangeOutcome.NotFound, ChangeOutcome.WrongState, ChangeOutcome.WrongState],
            await Store.RetryAsync(Queue, ["a", "b", "none", "c", "a"], Cancel));
    }

    [Fact]
    public async Task Retrying_all_takes_every_failed_job_and_no_other()
    {
        var ids = Ids("f", 1100);
        Options.KeepFailed = 2000;
        await Store.AddAsync(Queue, [.. ids.Select(id => Job(id) with { Error = new JobError("no", Code: JobErrorCodes.Invalid) })], Cancel);
        await AddCompletedAsync("done");
        await AddAsync(Job("later") with { Delay = TimeSpan.FromHours(1) });

        var outcomes = await Store.RetryAsync(Queue, jobIds: null, Cancel);
        Assert.Equal(1100, outcomes.Count(outcome => outcome == ChangeOutcome.Done));
        Assert.Equal(1100, outcomes.Count);
        var metrics = await MetricsAsync();
        Assert.Equal((1100L, 0L, 1L, 1L), (metrics.Waiting, metrics.Failed, metrics.Completed, metrics.Delayed));
        Assert.Equal(1100, (await TakeDueAsync(limit: 2000)).Count);
        Assert.Empty(await Store.RetryAsync(Queue, jobIds: null, Cancel));
    }

    [Fact]
    public async Task A_retried_job_in_a_paused_queue_is_paused()
    {
        await AddFailedAsync("a");
        await Store.PauseAsync(Queue, Cancel);
        await Store.RetryAsync(Queue, ["a"], Cancel);
        Assert.Equal(JobState.Paused, await StateAsync("a"));
        Assert.Empty(await TakeDueAsync());
        await Store.ResumeAsync(Queue, Cancel);
        Assert.Equal(["a"], await TakeDueAsync());
    }

    [Fact]
    public async Task A_promoted_job_waits_now()
    {
        await AddAsync(Job("a") with { Delay = TimeSpan.FromHours(1) });
        Assert.Equal(ChangeOutcome.Done, await Store.PromoteAsync(Queue, "a", Cancel));
        Assert.Equal((JobState.Waiting, null), ((await GetAsync("a")).State, (await GetAsync("a")).NextAttemptAt));
        Assert.Equal(["a"], await TakeDueAsync());
        Assert.Equal(ChangeOutcome.WrongState, await Store.PromoteAsync(Queue, "a", Cancel));
        Assert.Equal(ChangeOutcome.NotFound, await Store.PromoteAsync(Queue, "none", Cancel));
    }

    [Fact]
    public async Task Jobs_in_every_state_but_active_can_be_removed()
    {
        await AddAsync("waiting");
        await AddAsync(Job("delayed") with { Delay = TimeSpan.FromHours(1) });
        await AddCompletedAsync("completed");
        await AddFailedAsync("failed", publishDeadLetter: false);
        await AddAsync("active");
        var run = await StartAsync("active");

        foreach (var id in (string[])["waiting", "delayed", "completed", "failed"])
        {
            Assert.Equal(ChangeOutcome.Done, await Store.RemoveAsync(Queue, id, Cancel));
            Assert.Null(await FindAsync(id));
            Assert.Equal(BeginOutcome.Ended, (await BeginAsync(id, Job(id))).Outcome);
            Assert.Equal(ChangeOutcome.NotFound, await Store.RemoveAsync(Queue, id, Cancel));
        }

        Assert.Equal(ChangeOutcome.WrongState, await Store.RemoveAsync(Queue, "active", Cancel));
        Assert.Equal(LeaseState.Held, await CompleteAsync(run));
        Time.Advance(TimeSpan.FromHours(2));
        Assert.Empty(await TakeDueAsync());
        Assert.Empty(await TakeDeadLettersAsync());
        Assert.Equal((5L, 4L), ((await MetricsAsync()).Added, (await MetricsAsync()).Removed));
    }

    [Fact]
    public async Task Pausing_and_resuming_tell_whether_they_changed_anything()
    {
        Assert.False(await Store.ResumeAsync(Queue, Cancel));
        Assert.True(await Store.PauseAsync(Queue, Cancel));
        Assert.False(await Store.PauseAsync(Queue, Cancel));
        Assert.True((await MetricsAsync()).IsPaused);
        Assert.True(await Store.ResumeAsync(Queue, Cancel));
        Assert.False((await MetricsAsync()).IsPaused);
    }

    [Fact]
    public async Task A_pause_lets_runs_end_and_begins_none()
    {
        await AddAsync("a");
        await AddAsync("b");
        var run = await StartAsync("a");
        await Store.PauseAsync(Queue, Cancel);

        Assert.Equal(BeginOutcome.Paused, (await BeginAsync("b")).Outcome);
        Assert.Equal(LeaseState.Held, await RenewAsync(run));
        Assert.Equal(LeaseState.Held, await CompleteAsync(run));
        var metrics = await MetricsAsync();
        Assert.Equal((0L, 1L, 1L), (metrics.Waiting, metrics.Paused, metrics.Completed));
    }

    [Fact]
    public async Task A_pause_ends_no_job_other_than_by_its_own_run()
    {
        await AddAsync("stalls");
        await StartAsync("stalls");
        await AddAsync("retries");
        var run = await StartAsync("retries");
        await Store.PauseAsync(Queue, Cancel);
        await RetryLaterAsync(run, TimeSpan.FromSeconds(1));
        Time.Advance(Options.Lease);
        await RecoverAsync();
        Assert.Empty(await TakeDueAsync());
        Assert.Equal((JobState.Paused, JobState.Paused), (await StateAsync("stalls"), await StateAsync("retries")));

        await Store.ResumeAsync(Queue, Cancel);
        Assert.Equal(["retries", "stalls"], (await TakeDueAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cleaning_removes_ended_jobs_older_than_said_and_no_other()
    {
        await AddAsync("waiting");
        await AddAsync(Job("delayed") with { Delay = TimeSpan.FromDays(30) });
        await AddAsync("active");
        var run = await StartAsync("active");
        await AddCompletedAsync("c1");
        await AddFailedAsync("f1");
        Time.Advance(TimeSpan.FromHours(1));
        await AddCompletedAsync("c2");
        await AddFailedAsync("f2");
        await RenewAsync(run);

        Assert.Equal(0, await Store.CleanAsync(Queue, TimeSpan.FromHours(1), TimeSpan.FromHours(1), Cancel));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await Store.CleanAsync(Queue, TimeSpan.FromHours(1), TimeSpan.FromHours(7), Cancel));
        Assert.Null(await FindAsync("c1"));
        Assert.NotNull(await FindAsync("f1"));
        Assert.Equal(3, await Store.CleanAsync(Queue, TimeSpan.Zero, TimeSpan.Zero, Cancel));

        var metrics = await MetricsAsync();
        Assert.Equal((1L, 1L, 1L, 0L, 0L, 4L), (metrics.Waiting, metrics.Delayed, metrics.Active, metrics.Completed, metrics.Failed, metrics.Removed));
        Assert.Equal(LeaseState.Held, await CompleteAsync(run));
        Assert.Equal(BeginOutcome.Ended, (await BeginAsync("c1", Job("c1"))).Outcome);
    }

    [Fact]
    public async Task Cleaning_goes_on_to_the_end_however_many_there_are()
    {
        Options.KeepFailed = 5000;
        await Store.AddAsync(Queue, [.. Ids("f", 1234).Select(id => Job(id) with { Error = new JobError("no", Code: JobErrorCodes.Invalid) })], Cancel);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1234, await Store.CleanAsync(Queue, TimeSpan.Zero, TimeSpan.Zero, Cancel));
        Assert.Equal((0L, 1234L), ((await MetricsAsync()).Failed, (await MetricsAsync()).Removed));
    }

    [Fact]
    public async Task Trimming_removes_ended_jobs_past_their_age()
    {
        Options.KeepCompletedFor = TimeSpan.FromHours(1);
        Options.KeepFailedFor = TimeSpan.FromHours(2);
        await AddAsync("waiting");
        await AddCompletedAsync("c");
        await AddFailedAsync("f");
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await Store.TrimAsync(Queue, Cancel));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await Store.TrimAsync(Queue, Cancel));
        Assert.Null(await FindAsync("c"));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await Store.TrimAsync(Queue, Cancel));
        Assert.Null(await FindAsync("f"));
        Assert.Equal(JobState.Waiting, await StateAsync("waiting"));
    }

    [Fact]
    public async Task Trimming_keeps_a_failed_job_until_its_dead_letter_is_out()
    {
        Options.KeepFailedFor = TimeSpan.FromHours(1);
        Options.KeepFailed = 0;
        await AddFailedAsync("a", publishDeadLetter: false);
        Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, await Store.TrimAsync(Queue, Cancel));
        Assert.Equal(["a"], await TakeDeadLettersAsync());
        await Store.ConfirmDeadLettersAsync(Queue, ["a"], Cancel);
        Assert.Equal(1, await Store.TrimAsync(Queue, Cancel));
    }

    [Fact]
    public async Task Trimming_removes_the_oldest_beyond_the_number_to_keep()
    {
        var ids = Ids("f", 903);
        await Store.AddAsync(Queue, [.. ids.Select(id => Job(id) with { Error = new JobError("no", Code: JobErrorCodes.Invalid) })], Cancel);
        await Store.ConfirmDeadLettersAsync(Queue, ids, Cancel);
        Options.KeepFailed = 3;
        Assert.Equal(900, await Store.TrimAsync(Queue, Cancel));
        Assert.Equal(["f903", "f902", "f901"], (await Store.ListAsync(Queue, new JobQuery(JobState.Failed), Cancel)).Jobs.Select(job => job.JobId));
    }

    [Fact]
    public async Task Cancelling_again_what_was_cancelled_is_done()
    {
        await AddAsync("a");
        Assert.Equal(ChangeOutcome.Done, await Store.CancelAsync(Queue, "a", Cancel));
        Assert.Equal(ChangeOutcome.Done, await Store.CancelAsync(Queue, "a", Cancel));
        Assert.Equal(1, (await MetricsAsync()).FailedTotal);
    }
}
