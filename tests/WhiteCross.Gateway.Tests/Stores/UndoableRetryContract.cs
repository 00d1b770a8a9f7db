using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;

namespace WhiteCross.Gateway.Tests;

/// <summary>Retries of many that can be undone: nothing happens before their time, and then once, whoever dies meanwhile.</summary>
public abstract class UndoableRetryContract : JobStoreContract
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly IVersionedStore<UndoableRetry> _retries;

    private protected UndoableRetryContract(IJobStoreFactory factory, IVersionedStore<UndoableRetry> retries)
        : base(factory) => _retries = retries;

    private UndoableRetries Retries => new(Store, Store, _retries, Time);

    [Fact]
    public async Task Nothing_happens_to_the_jobs_before_the_time_is_over()
    {
        await AddFailedAsync("a");
        await AddFailedAsync("b");
        var before = await GetAsync("a");

        var planned = await PlanAsync();
        Time.Advance(Window - TimeSpan.FromMilliseconds(1));

        Assert.Equal(0, await Retries.RunDueAsync(Queue, Cancel));
        Assert.Equal((UndoableRetryState.Open, 2), (planned.State, planned.Count));
        Assert.Equivalent(before, await GetAsync("a"), strict: true);

        Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(2, await Retries.RunDueAsync(Queue, Cancel));
        Assert.Equal((2L, 0L, 2L), ((await MetricsAsync()).Waiting, (await MetricsAsync()).Failed, (await MetricsAsync()).RetriedTotal));
        Assert.Equal(UndoableRetryState.Done, (await FindRetryAsync(planned))!.State);
        Assert.Equal(["a", "b"], await TakeDueAsync());
    }

    [Fact]
    public async Task An_undone_retry_leaves_the_jobs_as_they_were_also_the_dead_letters_they_owe()
    {
        await AddFailedAsync("a");
        await AddFailedAsync("owes", publishDeadLetter: false);
        var before = await GetAsync("a");
        var planned = await PlanAsync();

        Assert.Equal(ChangeOutcome.Done, (await Retries.UndoAsync(Queue, planned.Id, Cancel)).Outcome);
        Assert.Equal(ChangeOutcome.Done, (await Retries.UndoAsync(Queue, planned.Id, Cancel)).Outcome);
        Time.Advance(Window + JobStoreRules.ClaimFor);

        Assert.Equal(0, await Retries.RunDueAsync(Queue, Cancel));
        Assert.Equivalent(before, await GetAsync("a"), strict: true);
        Assert.Equal(["owes"], await TakeDeadLettersAsync());
        Assert.Equal((2L, 0L), ((await MetricsAsync()).Failed, (await MetricsAsync()).RetriedTotal));
    }

    [Fact]
    public async Task Once_it_has_run_it_cannot_be_undone_and_what_is_unknown_is_told()
    {
        await AddFailedAsync("a");
        var planned = await PlanAsync();
        Time.Advance(Window);
        await Retries.RunDueAsync(Queue, Cancel);

        var (outcome, retry) = await Retries.UndoAsync(Queue, planned.Id, Cancel);

        Assert.Equal((ChangeOutcome.WrongState, UndoableRetryState.Done), (outcome, retry!.State));
        Assert.Equal(JobState.Waiting, await StateAsync("a"));
        Assert.Equal((ChangeOutcome.NotFound, null), await Retries.UndoAsync(Queue, "unknown", Cancel));
    }

    [Fact]
    public async Task Some_jobs_only__and_of_those_the_failed_ones()
    {
        await AddFailedAsync("a");
        await AddFailedAsync("b");
        await AddCompletedAsync("c");

        var planned = await PlanAsync("a", "c", "none");
        Time.Advance(Window);

        Assert.Equal((1, 1), (planned.Count, await Retries.RunDueAsync(Queue, Cancel)));
        Assert.Equal((JobState.Waiting, JobState.Failed, JobState.Completed), (await StateAsync("a"), await StateAsync("b"), await StateAsync("c")));
        Assert.Null(await Retries.PlanAsync(Queue, ["c", "none"], Window, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Jobs_that_fail_later_were_not_meant(bool areNamed)
    {
        await AddFailedAsync("a");
        var planned = areNamed ? await PlanAsync("a", "late") : await PlanAsync();
        Time.Advance(TimeSpan.FromSeconds(1));
        await AddFailedAsync("late");
        Time.Advance(Window);

        Assert.Equal(1, await Retries.RunDueAsync(Queue, Cancel));
        Assert.Equal((1, JobState.Waiting, JobState.Failed), (planned.Count, await StateAsync("a"), await StateAsync("late")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_retry_that_was_left_in_the_middle_is_gone_on_with_and_retries_no_job_twice(bool areNamed)
    {
        await AddFailedAsync("again");
        await AddFailedAsync("left");
        var planned = areNamed ? await PlanAsync("again", "left") : await PlanAsync();
        Time.Advance(Window);

        // Somebody began it, came as far as one of the jobs, and died; that job has failed again.
        Assert.True(await _retries.ReplaceAsync(await FindRetryAsync(planned), planned with { State = UndoableRetryState.Running }, Cancel));
        await Store.RetryAsync(Queue, ["again"], Cancel);
        var run = await StartAsync("again");
        await FinishAsync(new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError("broken again") });

        Assert.Equal(1, await Retries.RunDueAsync(Queue, Cancel));
        Assert.Equal((JobState.Failed, JobState.Waiting), (await StateAsync("again"), await StateAsync("left")));
        Assert.Equal((UndoableRetryState.Done, 2L), ((await FindRetryAsync(planned))!.State, (await MetricsAsync()).RetriedTotal));
    }

    [Fact]
    public async Task Many_at_once_run_it_once_and_undo_and_run_never_both_happen()
    {
        for (var round = 0; round < 20; round++)
        {
            var id = $"job-{round}";
            await AddFailedAsync(id);
            var planned = await PlanAsync(id);
            Time.Advance(Window);

            var runs = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Retries.RunDueAsync(Queue, Cancel), Cancel)).ToList();
            var undo = Task.Run(() => Retries.UndoAsync(Queue, planned.Id, Cancel), Cancel);
            var retried = (await Task.WhenAll(runs)).Sum();
            var wasUndone = (await undo).Outcome == ChangeOutcome.Done;

            Assert.Equal(wasUndone ? 0 : 1, retried);
            Assert.Equal(wasUndone ? JobState.Failed : JobState.Waiting, await StateAsync(id));
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public async Task More_jobs_than_a_slice_are_all_retried()
    {
        Options.KeepFailed = 2000;
        await Store.AddAsync(Queue, [.. Ids("f", 1100).Select(id => Job(id) with { Error = new JobError("no") })], Cancel);

        var planned = await PlanAsync();
        Time.Advance(Window);

        Assert.Equal((1100, 1100), (planned.Count, await Retries.RunDueAsync(Queue, Cancel)));
        Assert.Equal(1100, (await MetricsAsync()).Waiting);
    }

    [Fact]
    public async Task An_ended_retry_is_forgotten_after_its_time()
    {
        await AddFailedAsync("a");
        var planned = await PlanAsync();
        await Retries.UndoAsync(Queue, planned.Id, Cancel);
        Time.Advance(UndoableRetries.KeepEndedFor - TimeSpan.FromMilliseconds(1));
        await Retries.RunDueAsync(Queue, Cancel);
        Assert.NotNull(await FindRetryAsync(planned));

        Time.Advance(TimeSpan.FromMilliseconds(1));
        await Retries.RunDueAsync(Queue, Cancel);

        Assert.Null(await FindRetryAsync(planned));
    }

    private async Task<UndoableRetry> PlanAsync(params string[] ids)
    {
        var planned = await Retries.PlanAsync(Queue, ids.Length == 0 ? null : ids, Window, Cancel);
        Assert.NotNull(planned);
        return planned;
    }

    private Task<UndoableRetry?> FindRetryAsync(UndoableRetry retry) => _retries.FindAsync(Queue, retry.Id, Cancel);
}
