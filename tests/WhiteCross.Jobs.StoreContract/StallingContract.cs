using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Stalled runs, and cancelling.</summary>
public abstract class StallingContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task A_stalled_job_waits_again_at_once_and_the_stall_costs_an_attempt()
    {
        await AddAsync("a");
        await StartAsync("a");
        Time.Advance(Options.Lease);
        Assert.Equal(1, await RecoverAsync());

        var record = await GetAsync("a");
        Assert.Equal((JobState.Waiting, 1, JobErrorCodes.Stalled), (record.State, record.AttemptsMade, record.Error?.Code));
        Assert.Equal([JobErrorCodes.Stalled], record.Attempts.Select(attempt => attempt.Error?.Code));
        Assert.Equal(["a"], await TakeDueAsync());
        Assert.Equal(2, (await StartAsync("a")).Attempt);
        Assert.Equal((1L, 0L), ((await MetricsAsync()).StalledTotal, (await MetricsAsync()).FailedTotal));
    }

    [Fact]
    public async Task A_job_that_stalls_in_its_last_attempt_fails_and_owes_a_dead_letter()
    {
        await AddAsync(Job("a") with { MaxAttempts = 2 });
        for (var i = 0; i < 2; i++)
        {
            await StartAsync("a");
            Assert.Equal(1, await AdvanceAndRecoverAsync(Options.Lease));
        }

        var record = await GetAsync("a");
        Assert.Equal((JobState.Failed, 2, JobErrorCodes.Stalled, Now), (record.State, record.AttemptsMade, record.Error?.Code, record.FinishedAt));
        Assert.Empty(await TakeDueAsync());
        Assert.Equal(["a"], await TakeDeadLettersAsync());
        Assert.Equal((2L, 1L), ((await MetricsAsync()).StalledTotal, (await MetricsAsync()).FailedTotal));
    }

    [Fact]
    public async Task No_more_stalled_jobs_are_taken_than_asked_for()
    {
        await Store.AddAsync(Queue, [Job("a"), Job("b"), Job("c")], Cancel);
        await Store.BeginAsync(Queue, [new BeginRequest("a"), new BeginRequest("b"), new BeginRequest("c")], Cancel);
        Time.Advance(Options.Lease);
        Assert.Equal(2, await RecoverAsync(limit: 2));
        Assert.Equal(1, await RecoverAsync(limit: 2));
        Assert.Equal(0, await RecoverAsync(limit: 2));
    }

    [Theory]
    [InlineData(JobState.Waiting)]
    [InlineData(JobState.Delayed)]
    [InlineData(JobState.Paused)]
    public async Task Cancelling_a_job_that_does_not_run_fails_it(JobState state)
    {
        await AddAsync(Job("a") with { Delay = state == JobState.Delayed ? TimeSpan.FromSeconds(9) : TimeSpan.Zero });
        if (state == JobState.Paused)
        {
            await Store.PauseAsync(Queue, Cancel);
        }

        Assert.Equal(state, await StateAsync("a"));
        Assert.Equal(ChangeOutcome.Done, await Store.CancelAsync(Queue, "a", Cancel));

        var record = await GetAsync("a");
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled, 0, Now), (record.State, record.Error?.Code, record.AttemptsMade, record.FinishedAt));
        Assert.Null(record.NextAttemptAt);
        await Store.ResumeAsync(Queue, Cancel);
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await TakeDueAsync());
        Assert.Equal(["a"], await TakeDeadLettersAsync());
    }

    [Fact]
    public async Task Cancelling_a_job_that_runs_tells_its_run_with_every_write()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        Assert.Equal(ChangeOutcome.Done, await Store.CancelAsync(Queue, "a", Cancel));
        Assert.Equal(JobState.Active, await StateAsync("a"));
        Assert.Equal(LeaseState.CancelRequested, await RenewAsync(run));
        Assert.Equal(LeaseState.CancelRequested, await ReportAsync(new RunReport(run.Key) { Logs = ["stopping"] }));
        Assert.Equal(
            LeaseState.CancelRequested,
            await FinishAsync(new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError("stopped", Code: JobErrorCodes.Cancelled) }));
        Assert.Equal((JobState.Failed, "stopped"), ((await GetAsync("a")).State, (await GetAsync("a")).Error?.Message));
    }

    [Theory]
    [InlineData(RunEndKind.Retry, 1)]
    [InlineData(RunEndKind.Snoozed, 1)]
    [InlineData(RunEndKind.Released, 1)]
    public async Task A_cancelled_run_that_would_come_back_fails_as_cancelled(RunEndKind kind, int attemptsMade)
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await Store.CancelAsync(Queue, "a", Cancel);
        await FinishAsync(new RunEnd(run.Key, kind) { Delay = TimeSpan.FromSeconds(1), Error = new JobError("busy") });

        var record = await GetAsync("a");
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled, attemptsMade), (record.State, record.Error?.Code, record.AttemptsMade));
        Assert.Equal(0, (await MetricsAsync()).RetriedTotal);
    }

    [Fact]
    public async Task A_cancelled_run_that_finished_its_work_all_the_same_has_completed()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await Store.CancelAsync(Queue, "a", Cancel);
        Assert.Equal(LeaseState.CancelRequested, await CompleteAsync(run));
        Assert.Equal(JobState.Completed, await StateAsync("a"));
    }

    [Fact]
    public async Task A_cancelled_run_that_stalls_fails_as_cancelled()
    {
        await AddAsync("a");
        await StartAsync("a");
        await Store.CancelAsync(Queue, "a", Cancel);
        Time.Advance(Options.Lease);
        Assert.Equal(1, await RecoverAsync());
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled), ((await GetAsync("a")).State, (await GetAsync("a")).Error?.Code));
    }

    [Fact]
    public async Task Cancelling_what_has_ended_or_never_was_is_refused()
    {
        await AddCompletedAsync("a");
        await AddFailedAsync("b");
        Assert.Equal(ChangeOutcome.WrongState, await Store.CancelAsync(Queue, "a", Cancel));
        Assert.Equal(ChangeOutcome.WrongState, await Store.CancelAsync(Queue, "b", Cancel));
        Assert.Equal(ChangeOutcome.NotFound, await Store.CancelAsync(Queue, "none", Cancel));
    }

    [Fact]
    public async Task A_job_that_was_cancelled_and_is_retried_runs_without_being_cancelled_again()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await Store.CancelAsync(Queue, "a", Cancel);
        await FinishAsync(new RunEnd(run.Key, RunEndKind.Released));
        await Store.RetryAsync(Queue, ["a"], Cancel);
        Assert.Equal(LeaseState.Held, await RenewAsync(await StartAsync("a")));
    }

    [Fact]
    public async Task When_nobody_could_look_for_a_while_living_runs_get_the_time_to_renew_their_leases()
    {
        await Store.AddAsync(Queue, [Job("lives"), Job("died")], Cancel);
        var lives = await StartAsync("lives");
        await StartAsync("died");
        await RecoverAsync();
        Time.Advance(Options.Lease + TimeSpan.FromMinutes(1));

        Assert.Equal(0, await RecoverAsync());
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await RecoverAsync());
        Assert.Equal(LeaseState.Held, await RenewAsync(lives));
        Time.Advance(JobStoreRules.StallGrace - TimeSpan.FromSeconds(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await RecoverAsync());
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await RecoverAsync());
        Assert.Equal((JobState.Active, JobState.Waiting), (await StateAsync("lives"), await StateAsync("died")));
        Assert.Equal((0, 1), ((await GetAsync("lives")).AttemptsMade, (await GetAsync("died")).AttemptsMade));
    }

    [Fact]
    public async Task While_somebody_looks_a_dead_run_is_found_as_soon_as_its_lease_is_over()
    {
        await AddAsync("a");
        await StartAsync("a");
        Assert.Equal(0, await AdvanceAndRecoverAsync(Options.Lease - TimeSpan.FromMilliseconds(1)));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await RecoverAsync());
    }

    [Fact]
    public async Task With_a_short_lease_living_runs_get_the_time_to_renew_it_after_a_shorter_gap()
    {
        Options.Lease = TimeSpan.FromSeconds(2);
        await AddAsync("lives");
        var lives = await StartAsync("lives");
        await RecoverAsync();
        Time.Advance(TimeSpan.FromSeconds(1.6));
        Assert.Equal(0, await RecoverAsync());
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await RecoverAsync());
        Assert.Equal(LeaseState.Held, await RenewAsync(lives));
    }
}
