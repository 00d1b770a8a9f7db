using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Events that are owed: due jobs, claims, the reconciler; dead letters.</summary>
public abstract class EventsContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    private static readonly TimeSpan MinimumAge = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_delayed_job_is_handed_out_when_it_is_due_and_not_before()
    {
        await AddAsync(Job("a") with { Delay = TimeSpan.FromSeconds(5), Priority = JobPriority.High, TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
        Time.Advance(TimeSpan.FromMilliseconds(4999));
        var early = await Store.TakeDueAsync(Queue, 10, Cancel);
        Assert.Empty(early.Jobs);
        Assert.Equal(TimeSpan.FromMilliseconds(1), early.NextDueIn);

        Time.Advance(TimeSpan.FromMilliseconds(1));
        var due = await Store.TakeDueAsync(Queue, 10, Cancel);
        var handedOut = Assert.Single(due.Jobs);
        Assert.Equal(new JobEvent("a", "send-message", JobPriority.High, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", handedOut.Claim), handedOut);
        Assert.NotEqual(JobClaim.None, handedOut.Claim);
        Assert.Equal(JobStoreRules.ClaimFor, due.NextDueIn);
        Assert.Equal(JobState.Waiting, await StateAsync("a"));
        Assert.Equal(Now, (await StartAsync("a")).ReadySince);
    }

    [Fact]
    public async Task What_is_handed_out_stays_claimed_and_comes_again_unless_confirmed()
    {
        await Store.AddAsync(Queue, [Job("a"), Job("b")], Cancel);
        await Store.RequestEventsAsync(Queue, ["a", "b"], Cancel);
        Assert.Equal(["a", "b"], await TakeDueAsync());
        Assert.Empty(await TakeDueAsync());

        await ConfirmPublishedAsync("a", "a");
        Time.Advance(JobStoreRules.ClaimFor - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await TakeDueAsync());
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["b"], await TakeDueAsync());
    }

    [Fact]
    public async Task A_job_that_has_begun_needs_no_event_any_more()
    {
        await AddAsync("a");
        await Store.RequestEventsAsync(Queue, ["a"], Cancel);
        await StartAsync("a");
        Assert.Empty(await TakeDueAsync());
        Assert.Null((await Store.TakeDueAsync(Queue, 10, Cancel)).NextDueIn);
    }

    [Fact]
    public async Task Confirming_jobs_that_are_not_owed_an_event_does_nothing()
    {
        await AddAsync("a");
        await AddCompletedAsync("b");
        await ConfirmPublishedAsync("a", "b", "none");
        Assert.Equal((JobState.Waiting, JobState.Completed), (await StateAsync("a"), await StateAsync("b")));
        Assert.Null(await FindAsync("none"));
        Assert.Equal(2, (await MetricsAsync()).Added);
    }

    [Fact]
    public async Task No_more_jobs_are_handed_out_than_asked_for()
    {
        var ids = Ids("a", 5);
        await Store.AddAsync(Queue, [.. ids.Select(id => Job(id))], Cancel);
        await Store.RequestEventsAsync(Queue, ids, Cancel);
        Assert.Equal(ids[..2], await TakeDueAsync(limit: 2));
        Assert.Equal(ids[2..4], await TakeDueAsync(limit: 2));
        Assert.Equal(ids[4..], await TakeDueAsync(limit: 2));
    }

    [Fact]
    public async Task Only_waiting_jobs_get_events_that_are_asked_for()
    {
        await AddCompletedAsync("done");
        await AddAsync("running");
        await StartAsync("running");
        await AddAsync(Job("later") with { Delay = TimeSpan.FromHours(1) });
        await Store.RequestEventsAsync(Queue, ["done", "running", "later", "none"], Cancel);
        Assert.Empty(await TakeDueAsync());
    }

    [Fact]
    public async Task Nothing_is_handed_out_while_the_queue_is_paused()
    {
        await AddAsync(Job("late") with { Delay = TimeSpan.FromSeconds(1) });
        await AddAsync("a");
        await Store.RequestEventsAsync(Queue, ["a"], Cancel);
        await Store.PauseAsync(Queue, Cancel);
        Time.Advance(TimeSpan.FromSeconds(1));

        var due = await Store.TakeDueAsync(Queue, 10, Cancel);
        Assert.Empty(due.Jobs);
        Assert.Null(due.NextDueIn);
        Assert.Equal(JobState.Paused, await StateAsync("late"));

        await Store.ResumeAsync(Queue, Cancel);
        Assert.Equal(["a", "late"], (await TakeDueAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_event_that_meets_a_paused_queue_comes_again_when_it_is_resumed()
    {
        await AddAsync("a");
        await Store.PauseAsync(Queue, Cancel);
        Assert.Equal(BeginOutcome.Paused, (await BeginAsync("a")).Outcome);
        Assert.Equal(BeginOutcome.Paused, (await BeginAsync("b", Job("b"))).Outcome);

        await Store.ResumeAsync(Queue, Cancel);
        Assert.Equal(["a", "b"], (await TakeDueAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_waiting_job_older_than_all_events_of_its_lane_is_found()
    {
        await AddAsync(Job("a") with { Priority = JobPriority.Low });
        await AddAsync(Job("b") with { Priority = JobPriority.High });
        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, await ReconcileAsync(JobPriority.Low, TimeSpan.Zero));
        Assert.Equal(["a"], await TakeDueAsync());
        Assert.Equal(1, await ReconcileAsync(JobPriority.High, TimeSpan.Zero));
        Assert.Equal(["b"], await TakeDueAsync());
    }

    [Fact]
    public async Task A_job_with_an_event_that_may_still_be_in_flight_is_left_alone()
    {
        await AddAsync("a");
        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, await ReconcileAsync(JobPriority.Normal, TimeSpan.FromSeconds(10)));
        Assert.Equal(1, await ReconcileAsync(JobPriority.Normal, TimeSpan.FromMilliseconds(9999)));
    }

    [Fact]
    public async Task A_young_job_is_left_alone()
    {
        await AddAsync("a");
        Time.Advance(MinimumAge);
        Assert.Equal(0, await ReconcileAsync(JobPriority.Normal, TimeSpan.Zero));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await ReconcileAsync(JobPriority.Normal, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_job_that_was_found_or_published_again_is_not_found_twice()
    {
        await AddAsync("a");
        Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await ReconcileAsync(JobPriority.Normal, TimeSpan.Zero));
        Assert.Equal(0, await ReconcileAsync(JobPriority.Normal, TimeSpan.Zero));

        Assert.Equal(["a"], await TakeDueAsync());
        await ConfirmPublishedAsync("a");
        Time.Advance(MinimumAge);
        Assert.Equal(0, await ReconcileAsync(JobPriority.Normal, TimeSpan.Zero));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await ReconcileAsync(JobPriority.Normal, TimeSpan.Zero));
    }

    [Fact]
    public async Task Nothing_is_found_in_a_paused_queue_nor_beyond_the_limit()
    {
        await Store.AddAsync(Queue, [Job("a"), Job("b"), Job("c")], Cancel);
        Time.Advance(TimeSpan.FromMinutes(1));
        await Store.PauseAsync(Queue, Cancel);
        Assert.Equal(0, await ReconcileAsync(JobPriority.Normal, TimeSpan.Zero));
        await Store.ResumeAsync(Queue, Cancel);
        Assert.Equal(2, await Store.ReconcileAsync(
            Queue, new Dictionary<JobPriority, TimeSpan> { [JobPriority.Normal] = TimeSpan.Zero }, MinimumAge, limit: 2, Cancel));
    }

    [Fact]
    public async Task A_dead_letter_is_claimed_by_whoever_recorded_the_failure_and_then_handed_out_until_it_is_confirmed()
    {
        await AddFailedAsync("a", publishDeadLetter: false);
        Assert.Empty(await TakeDeadLettersAsync());

        Time.Advance(JobStoreRules.ClaimFor);
        var owed = await Store.TakeDeadLettersAsync(Queue, 10, Cancel);
        Assert.Equal(("a", JobState.Failed, "broken"), (owed[0].Job.JobId, owed[0].Job.State, owed[0].Job.Error?.Message));
        Assert.NotEqual(JobClaim.None, owed[0].Claim);
        Assert.Empty(await TakeDeadLettersAsync());

        Time.Advance(JobStoreRules.ClaimFor);
        Assert.Equal(["a"], await TakeDeadLettersAsync());
        await Store.ConfirmDeadLettersAsync(Queue, ["a", "none"], Cancel);
        Time.Advance(JobStoreRules.ClaimFor);
        Assert.Empty(await TakeDeadLettersAsync());
        Assert.Equal(JobState.Failed, await StateAsync("a"));
    }

    [Fact]
    public async Task No_more_dead_letters_are_handed_out_than_asked_for()
    {
        foreach (var id in Ids("a", 3))
        {
            await AddFailedAsync(id, publishDeadLetter: false);
        }

        Time.Advance(JobStoreRules.ClaimFor);
        Assert.Equal(["a001", "a002"], await TakeDeadLettersAsync(limit: 2));
        Assert.Equal(["a003"], await TakeDeadLettersAsync(limit: 2));
    }

    [Fact]
    public async Task A_job_that_asked_for_it_is_forgotten_when_its_dead_letter_is_out()
    {
        await AddFailedAsync(Job("a") with { RemoveOnFail = true }, publishDeadLetter: false);
        Assert.Equal(JobState.Failed, await StateAsync("a"));
        await Store.ConfirmDeadLettersAsync(Queue, ["a", "a"], Cancel);
        Assert.Null(await FindAsync("a"));
        Assert.Equal(1, (await MetricsAsync()).Removed);
        Assert.Equal(BeginOutcome.Ended, (await BeginAsync("a", Job("a"))).Outcome);
    }

    [Fact]
    public async Task A_waiting_job_that_could_not_be_delivered_fails()
    {
        await AddAsync("a");
        var error = new JobError("The sidecar gave up.", Code: JobErrorCodes.Undeliverable);
        Assert.True(await Store.FailUndeliverableAsync(Queue, Job("a") with { Error = error }, Cancel));
        Assert.Equal((JobState.Failed, error, 0), ((await GetAsync("a")).State, (await GetAsync("a")).Error, (await GetAsync("a")).AttemptsMade));
        Assert.False(await Store.FailUndeliverableAsync(Queue, Job("a") with { Error = error }, Cancel));
        Assert.Equal(1, (await MetricsAsync()).FailedTotal);
    }

    [Fact]
    public async Task An_undeliverable_job_that_is_not_on_record_is_put_there_as_failed()
    {
        Assert.True(await Store.FailUndeliverableAsync(Queue, Job("a"), Cancel));
        Assert.Equal((JobState.Failed, JobErrorCodes.Undeliverable), ((await GetAsync("a")).State, (await GetAsync("a")).Error?.Code));
        Assert.Equal(1, (await MetricsAsync()).Added);

        await Store.RemoveAsync(Queue, "a", Cancel);
        Assert.False(await Store.FailUndeliverableAsync(Queue, Job("a"), Cancel));
        Assert.Null(await FindAsync("a"));
    }

    [Fact]
    public async Task A_job_that_got_through_all_the_same_is_not_failed_as_undeliverable()
    {
        await AddAsync("running");
        await StartAsync("running");
        await AddCompletedAsync("done");
        await AddAsync(Job("later") with { Delay = TimeSpan.FromSeconds(1) });
        foreach (var (id, state) in ((string, JobState)[])[("running", JobState.Active), ("done", JobState.Completed), ("later", JobState.Delayed)])
        {
            Assert.False(await Store.FailUndeliverableAsync(Queue, Job(id), Cancel));
            Assert.Equal(state, await StateAsync(id));
        }
    }

    private Task<int> ReconcileAsync(JobPriority priority, TimeSpan oldest) =>
        Store.ReconcileAsync(Queue, new Dictionary<JobPriority, TimeSpan> { [priority] = oldest }, MinimumAge, limit: 100, Cancel);

    [Fact]
    public async Task An_event_that_came_to_be_owed_since_it_was_handed_out_is_not_struck_by_its_confirmation()
    {
        await AddAsync("a");
        await Store.RequestEventsAsync(Queue, ["a"], Cancel);
        var first = Assert.Single((await Store.TakeDueAsync(Queue, 10, Cancel)).Jobs);

        // Its event is out, meets an instance that is stopping, and the job is put back, before the publisher has confirmed it.
        await FinishAsync(new RunEnd((await StartAsync("a")).Key, RunEndKind.Released));
        await Store.ConfirmPublishedAsync(Queue, [new JobClaim("a", first.Claim)], Cancel);

        var second = Assert.Single((await Store.TakeDueAsync(Queue, 10, Cancel)).Jobs);
        Assert.NotEqual(first.Claim, second.Claim);
        await Store.ConfirmPublishedAsync(Queue, [new JobClaim("a", first.Claim)], Cancel);
        await Store.RequestEventsAsync(Queue, [new JobClaim("a", first.Claim)], Cancel);
        Assert.Empty(await TakeDueAsync()); // Neither struck nor handed out: it is the second one's.

        await Store.RequestEventsAsync(Queue, [new JobClaim("a", second.Claim)], Cancel);
        Assert.Equal(["a"], await TakeDueAsync());
    }

    [Fact]
    public async Task An_event_that_is_asked_for_when_its_claim_ends_is_not_struck_by_the_claims_confirmation()
    {
        await AddAsync("a");
        await Store.RequestEventsAsync(Queue, ["a"], Cancel);
        var first = Assert.Single((await Store.TakeDueAsync(Queue, 10, Cancel)).Jobs);
        Time.Advance(JobStoreRules.ClaimFor);
        await Store.RequestEventsAsync(Queue, ["a"], Cancel);
        await Store.ConfirmPublishedAsync(Queue, [new JobClaim("a", first.Claim)], Cancel);
        Assert.Equal(["a"], await TakeDueAsync());
    }

    [Fact]
    public async Task A_handed_back_event_is_handed_out_at_once_and_a_confirmed_one_is_not_handed_back()
    {
        await Store.AddAsync(Queue, [Job("a"), Job("b")], Cancel);
        await Store.RequestEventsAsync(Queue, ["a", "b"], Cancel);
        JobClaim[] claims = [.. (await Store.TakeDueAsync(Queue, 10, Cancel)).Jobs.Select(job => new JobClaim(job.JobId, job.Claim))];
        await Store.ConfirmPublishedAsync(Queue, claims[..1], Cancel);
        await Store.RequestEventsAsync(Queue, claims, Cancel);
        Assert.Equal(["b"], await TakeDueAsync());
    }

    [Fact]
    public async Task A_dead_letter_that_came_to_be_owed_since_is_not_struck_by_the_confirmation_of_the_one_before()
    {
        await AddFailedAsync(Job("a") with { RemoveOnFail = true }, publishDeadLetter: false);
        var first = Assert.Single(await Store.TakeDeadLettersAsync(Queue, ["a"], Cancel));
        await Store.RetryAsync(Queue, ["a"], Cancel);
        await FinishAsync(new RunEnd((await StartAsync("a")).Key, RunEndKind.Failed));
        await Store.ConfirmDeadLettersAsync(Queue, [new JobClaim("a", first.Claim)], Cancel);
        Assert.Equal(JobState.Failed, await StateAsync("a"));

        var second = Assert.Single(await Store.TakeDeadLettersAsync(Queue, ["a"], Cancel));
        await Store.ConfirmDeadLettersAsync(Queue, [new JobClaim("a", first.Claim)], Cancel);
        Assert.NotNull(await FindAsync("a"));
        await Store.ConfirmDeadLettersAsync(Queue, [new JobClaim("a", second.Claim)], Cancel);
        Assert.Null(await FindAsync("a"));
    }

    [Fact]
    public async Task Dead_letters_are_handed_out_by_id_to_whoever_recorded_the_failure_and_no_others()
    {
        await AddFailedAsync("a", publishDeadLetter: false);
        await AddFailedAsync("b");
        await AddAsync("c");
        Assert.Equal(["a"], (await Store.TakeDeadLettersAsync(Queue, ["a", "b", "c", "none", "a"], Cancel)).Select(letter => letter.Job.JobId));
    }
}
