using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Adding jobs, and what is then on record.</summary>
public abstract class AddingContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task An_added_job_waits_and_needs_an_event()
    {
        Assert.Equal(new AddResult(AddOutcome.Added, JobState.Waiting, NeedsEvent: true), await AddAsync("a"));
        Assert.Equal(JobState.Waiting, await StateAsync("a"));
    }

    [Fact]
    public async Task The_record_shows_all_that_was_given()
    {
        await AddAsync(new NewJob
        {
            JobId = "a/ü→1",
            Type = "send-message",
            Data = Json("""{"text":"ü\n","n":1.50}"""),
            Priority = JobPriority.High,
            MaxAttempts = 7,
            Options = Json("""{"priority":"HIGH","attempts":7,"delay":0,"backoff":{"type":"fixed","delay":250}}"""),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        });

        var record = await GetAsync("a/ü→1");
        Assert.Equal(("a/ü→1", Queue, "send-message"), (record.JobId, record.Queue, record.Type));
        Assert.Equal((JobPriority.High, 0, 7), (record.Priority, record.AttemptsMade, record.MaxAttempts));
        Assert.Equal("""{"text":"ü\n","n":1.50}""", record.Data.GetRawText());
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", record.TraceId);
        Assert.Equal((JobPriority.High, 7, new JobBackoff(JobBackoffType.Fixed, 250)), (record.Options.Priority, record.Options.Attempts, record.Options.Backoff));
        Assert.Equal((Now, null, null, null), (record.CreatedAt, record.StartedAt, record.FinishedAt, record.NextAttemptAt));
        Assert.Equal(JobProgress.None, record.Progress);
        Assert.Null(record.Error);
        Assert.Null(record.Result);
        Assert.Empty(record.Attempts);
        Assert.Empty(record.Logs);
        Assert.Empty(record.Steps);
    }

    [Fact]
    public async Task What_is_not_JSON_is_put_on_record_all_the_same_and_can_be_read()
    {
        var error = new JobError("not JSON", Code: JobErrorCodes.Invalid);
        await AddAsync(Job("text", "hello \"you") with { Error = error, Options = Json("{\"priority\":7,") });
        await AddAsync(Job("bytes") with { Error = error, Data = new byte[] { 0x22, 0xff, 0x00, 0x22 }, Options = Json("[]") });
        await AddAsync(Job("deep", new string('[', 100) + new string(']', 100)));

        Assert.Equal("hello \"you", (await GetAsync("text")).Data.GetString());
        Assert.Equal("\"\uFFFD\0\"", (await GetAsync("bytes")).Data.GetString());
        Assert.Equal(200, (await GetAsync("deep")).Data.GetRawText().Length);
        Assert.Equal(new JobOptions(), (await GetAsync("text")).Options);
        Assert.Equal(3, (await Store.ListAsync(Queue, new JobQuery(), Cancel)).Jobs.Count);
        Time.Advance(JobStoreRules.ClaimFor);
        Assert.Equal(["bytes", "text"], await TakeDeadLettersAsync());
        Assert.Equal([0x22, 0xff, 0x00, 0x22], (await Store.BeginAsync(Queue, [new BeginRequest("raw", Job("raw") with { Data = new byte[] { 0x22, 0xff, 0x00, 0x22 } })], Cancel))[0].Run!.Data.ToArray());
    }

    [Fact]
    public async Task The_same_id_again_changes_nothing()
    {
        await AddAsync(Job("a", """{"v":1}"""));
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new AddResult(AddOutcome.Exists, JobState.Waiting, NeedsEvent: false, SameData: false), await AddAsync(Job("a", """{"v":2}""")));
        Assert.Equal("""{"v":1}""", (await GetAsync("a")).Data.GetRawText());
        Assert.Equal(1, (await MetricsAsync()).Added);
    }

    [Fact]
    public async Task The_same_id_twice_in_one_batch_is_added_once()
    {
        var results = await Store.AddAsync(Queue, [Job("a", """{"v":1}"""), Job("b"), Job("a", """{"v":2}""")], Cancel);

        Assert.Equal([AddOutcome.Added, AddOutcome.Added, AddOutcome.Exists], results.Select(result => result.Outcome));
        Assert.Equal([true, true, false], results.Select(result => result.NeedsEvent));
        Assert.Equal("""{"v":1}""", (await GetAsync("a")).Data.GetRawText());
        Assert.Equal(2, (await MetricsAsync()).Added);
    }

    [Fact]
    public async Task The_same_id_again_tells_the_state_that_the_job_is_in()
    {
        await AddCompletedAsync("done");
        await AddFailedAsync("broken");
        await AddAsync("running");
        await StartAsync("running");
        await AddAsync(Job("later") with { Delay = TimeSpan.FromSeconds(1) });

        var results = await Store.AddAsync(Queue, [Job("done"), Job("broken"), Job("running"), Job("later")], Cancel);
        Assert.Equal([JobState.Completed, JobState.Failed, JobState.Active, JobState.Delayed], results.Select(result => result.State));
        Assert.All(results, result => Assert.Equal((AddOutcome.Exists, false), (result.Outcome, result.NeedsEvent)));
    }

    [Fact]
    public async Task The_same_id_in_another_queue_is_another_job()
    {
        await AddAsync("a");
        var other = await Store.AddAsync(Queue + "-other", [Job("a")], Cancel);
        Assert.Equal(AddOutcome.Added, other[0].Outcome);
        Assert.Equal(1, (await MetricsAsync()).Added);
    }

    [Fact]
    public async Task A_delayed_job_needs_no_event_and_shows_when_it_is_due()
    {
        Assert.Equal(new AddResult(AddOutcome.Added, JobState.Delayed, NeedsEvent: false), await AddAsync(Job("a") with { Delay = TimeSpan.FromSeconds(5) }));
        Assert.Equal(Now.AddSeconds(5), (await GetAsync("a")).NextAttemptAt);
        Assert.Equal(1, (await MetricsAsync()).Delayed);
    }

    [Fact]
    public async Task A_job_added_to_a_paused_queue_is_paused_and_gets_its_event_when_the_queue_is_resumed()
    {
        await Store.PauseAsync(Queue, Cancel);
        Assert.Equal(new AddResult(AddOutcome.Added, JobState.Paused, NeedsEvent: false), await AddAsync("a"));
        Assert.Empty(await TakeDueAsync());

        await Store.ResumeAsync(Queue, Cancel);
        Assert.Equal(JobState.Waiting, await StateAsync("a"));
        Assert.Equal(["a"], await TakeDueAsync());
    }

    [Fact]
    public async Task An_invalid_job_is_put_on_record_as_failed_and_owes_a_dead_letter()
    {
        var error = new JobError("content must not be empty", Code: JobErrorCodes.Invalid);
        Assert.Equal(new AddResult(AddOutcome.Added, JobState.Failed, NeedsEvent: false), await AddAsync(Job("a") with { Error = error }));

        var record = await GetAsync("a");
        Assert.Equal((JobState.Failed, error, Now), (record.State, record.Error, record.FinishedAt));
        Assert.Equal(0, record.AttemptsMade);
        Time.Advance(JobStoreRules.ClaimFor);
        Assert.Equal(["a"], await TakeDeadLettersAsync());
    }

    [Fact]
    public async Task The_id_of_a_job_whose_record_has_gone_is_remembered_for_a_while()
    {
        Options.KeepTombstonesFor = TimeSpan.FromHours(1);
        await AddAsync("a");
        await Store.RemoveAsync(Queue, "a", Cancel);

        Assert.Equal(new AddResult(AddOutcome.Ended, JobState.Failed, NeedsEvent: false, JobRemains.Removed), await AddAsync("a"));
        Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(AddOutcome.Ended, (await AddAsync("a")).Outcome);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(AddOutcome.Added, (await AddAsync("a")).Outcome);
    }

    [Fact]
    public async Task A_large_batch_is_added_whole_and_in_order()
    {
        var ids = Ids("job-", 3000);
        var results = await Store.AddAsync(Queue, [.. ids.Select(id => Job(id))], Cancel);

        Assert.Equal(3000, results.Count(result => result is { Outcome: AddOutcome.Added, NeedsEvent: true }));
        Assert.Equal(3000, (await MetricsAsync()).Waiting);
        Assert.Equal("""{"of":"job-3000"}""", (await GetAsync("job-3000")).Data.GetRawText());
    }

    [Fact]
    public async Task Empty_batches_are_answered_with_nothing()
    {
        Assert.Empty(await Store.AddAsync(Queue, [], Cancel));
        Assert.Empty(await Store.BeginAsync(Queue, [], Cancel));
        Assert.Empty(await Store.FinishAsync(Queue, [], Cancel));
        Assert.Empty(await Store.RenewAsync(Queue, [], Cancel));
        Assert.Empty(await Store.ReportAsync(Queue, [], Cancel));
        Assert.Empty(await Store.RetryAsync(Queue, [], Cancel));
        await Store.ConfirmPublishedAsync(Queue, [], Cancel);
        await Store.RequestEventsAsync(Queue, (JobClaim[])[], Cancel);
        await Store.ConfirmDeadLettersAsync(Queue, (JobClaim[])[], Cancel);
        Assert.Empty(await Store.TakeDeadLettersAsync(Queue, [], Cancel));
        Assert.Equal(0, (await MetricsAsync()).Added);
    }

    [Fact]
    public async Task An_id_that_is_known_says_whether_it_has_the_same_data()
    {
        await AddAsync(Job("a", """{"text":"a b","n":[1, 2]}"""));
        Assert.True((await AddAsync(Job("a", "{ \"text\" : \"a b\",\r\n\t\"n\":[1,2] }"))).SameData);
        Assert.False((await AddAsync(Job("a", """{"text":"ab","n":[1, 2]}"""))).SameData);
        Assert.False((await AddAsync(Job("a", """{"text":"a b","n":[1, 2]}""") with { Type = "delivery-confirmation" })).SameData);

        var batch = await Store.AddAsync(Queue, [Job("b", "1"), Job("b", "1"), Job("b", "2"), Job("a", "3")], Cancel);
        Assert.Equal([true, true, false, false], batch.Select(result => result.SameData));
    }

    [Fact]
    public async Task A_tombstone_says_what_became_of_its_job_and_whether_it_had_the_same_data()
    {
        await AddCompletedAsync(Job("completed") with { RemoveOnComplete = true });
        await AddFailedAsync(Job("failed") with { RemoveOnFail = true });
        await AddAsync(Job("cancelled"));
        await Store.CancelAsync(Queue, "cancelled", Cancel);
        await AddAsync(Job("delayed") with { Delay = TimeSpan.FromHours(1) });
        await AddAsync("waiting");
        await AddFailedAsync("retried");
        await Store.RetryAsync(Queue, ["retried"], Cancel);
        await AddCompletedAsync("cleaned");
        foreach (var id in (string[])["cancelled", "delayed", "waiting", "retried"])
        {
            await Store.RemoveAsync(Queue, id, Cancel);
        }

        Time.Advance(TimeSpan.FromMilliseconds(1));
        await Store.CleanAsync(Queue, TimeSpan.Zero, TimeSpan.Zero, Cancel);
        foreach (var (id, remains, state) in ((string, JobRemains, JobState)[])
        [
            ("completed", JobRemains.Completed, JobState.Completed), ("failed", JobRemains.Failed, JobState.Failed), ("cancelled", JobRemains.Failed, JobState.Failed),
            ("delayed", JobRemains.Removed, JobState.Failed), ("waiting", JobRemains.Removed, JobState.Failed), ("retried", JobRemains.Removed, JobState.Failed),
            ("cleaned", JobRemains.Completed, JobState.Completed),
        ])
        {
            Assert.Equal((id, new AddResult(AddOutcome.Ended, state, NeedsEvent: false, remains)), (id, await AddAsync(id)));
            Assert.Equal((id, false), (id, (await AddAsync(Job(id, "\"other\""))).SameData));
            Assert.Equal((id, new KnownJob(state, remains)), (id, (await Store.GetStatesAsync(Queue, [id], Cancel))[0]!.Value));
        }
    }
}
