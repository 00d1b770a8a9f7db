using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Records, pages, metrics and changes.</summary>
public abstract class ReadingContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task There_is_no_record_of_what_never_was() => Assert.Null(await FindAsync("none"));

    [Fact]
    public async Task States_of_many_jobs_are_read_at_once_and_tombstones_tell_what_became_of_theirs()
    {
        await AddAsync("waiting");
        await AddAsync(Job("delayed") with { Delay = TimeSpan.FromHours(1) });
        await AddAsync("active");
        await StartAsync("active");
        await AddCompletedAsync("completed");
        await AddFailedAsync("failed");
        await AddFailedAsync("failed before");
        await AddCompletedAsync("completed before");
        await AddAsync("never begun");
        foreach (var id in (string[])["failed before", "completed before", "never begun"])
        {
            await Store.RemoveAsync(Queue, id, Cancel);
        }

        string[] ids = ["failed before", "completed before", "never begun", "failed", "none", "completed", "active", "delayed", "waiting", "failed"];
        Assert.Equal(
            [
                new KnownJob(JobState.Failed, JobRemains.Failed), new KnownJob(JobState.Completed, JobRemains.Completed), new KnownJob(JobState.Failed, JobRemains.Removed),
                Known(JobState.Failed), null, Known(JobState.Completed), Known(JobState.Active), Known(JobState.Delayed), Known(JobState.Waiting), Known(JobState.Failed),
            ],
            await Store.GetStatesAsync(Queue, ids, Cancel));
        await Store.PauseAsync(Queue, Cancel);
        Assert.Equal([Known(JobState.Paused), Known(JobState.Delayed)], await Store.GetStatesAsync(Queue, ["waiting", "delayed"], Cancel));
    }

    [Fact]
    public async Task A_tombstone_tells_of_the_last_job_of_its_id()
    {
        await AddFailedAsync("again");
        await Store.RemoveAsync(Queue, "again", Cancel);
        Time.Advance(TimeSpan.FromDays(7));
        await AddCompletedAsync("again");
        await Store.RemoveAsync(Queue, "again", Cancel);
        Assert.Equal([new KnownJob(JobState.Completed, JobRemains.Completed)], await Store.GetStatesAsync(Queue, ["again"], Cancel));
        Time.Advance(TimeSpan.FromDays(7));
        await Store.TrimAsync(Queue, Cancel);
        Assert.Equal([default(KnownJob?)], await Store.GetStatesAsync(Queue, ["again"], Cancel));
    }

    [Fact]
    public async Task States_of_thousands_of_jobs_come_in_their_order()
    {
        var ids = Ids("a", 5000);
        await Store.AddAsync(Queue, [.. ids.Where((_, i) => i % 3 == 0).Select(id => Job(id))], Cancel);
        var states = await Store.GetStatesAsync(Queue, ids, Cancel);
        Assert.Equal(ids.Select((_, i) => i % 3 == 0 ? Known(JobState.Waiting) : null), states);
    }

    [Fact]
    public async Task A_list_has_data_and_results_only_when_it_is_asked_for_them()
    {
        await AddAsync(Job("a", """{"v":1}"""));
        await FinishAsync(new RunEnd((await StartAsync("a")).Key, RunEndKind.Completed) { Result = Json("7"), Logs = ["line"] });

        var without = Assert.Single((await Store.ListAsync(Queue, new JobQuery(), Cancel)).Jobs);
        Assert.Equal((System.Text.Json.JsonValueKind.Null, null), (without.Data.ValueKind, without.Result?.GetRawText()));
        var with = Assert.Single((await Store.ListAsync(Queue, new JobQuery(WithData: true), Cancel)).Jobs);
        Assert.Equal(("""{"v":1}""", "7"), (with.Data.GetRawText(), with.Result?.GetRawText()));
        Assert.Equal("""{"v":1}""", (await GetAsync("a")).Data.GetRawText());
        Assert.Equal((with.State, with.CreatedAt, with.FinishedAt, with.Attempts[0]), (without.State, without.CreatedAt, without.FinishedAt, without.Attempts[0]));
        Assert.Equal(["line"], without.Logs);
    }

    [Fact]
    public async Task A_page_ends_before_it_is_too_large_and_the_next_one_goes_on()
    {
        var megabyte = $"\"{new string('x', 1024 * 1024)}\"";
        foreach (var id in Ids("a", 12))
        {
            await AddAsync(Job(id, megabyte) with { Error = new JobError("no") });
        }

        Assert.Equal(12, (await Store.ListAsync(Queue, new JobQuery(), Cancel)).Jobs.Count);
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Store.ListAsync(Queue, new JobQuery(JobState.Failed, Cursor: cursor, WithData: true), Cancel);
            Assert.InRange(page.Jobs.Count, 3, 5);
            ids.AddRange(page.Jobs.Select(job => job.JobId));
            cursor = page.NextCursor;
        }
        while (cursor is not null && ids.Count < 20);
        Assert.Equal([.. Ids("a", 12).Reverse()], ids);

        // Dead letters have their data, and are no longer than a page either.
        Time.Advance(JobStoreRules.ClaimFor);
        Assert.InRange((await TakeDeadLettersAsync(limit: 12)).Count, 3, 5);
        Assert.InRange((await Store.TakeDeadLettersAsync(Queue, Ids("a", 12), Cancel)).Count, 3, 5);
    }

    [Fact]
    public async Task The_oldest_waiting_job_is_the_one_that_began_to_wait_first_whatever_events_it_got_since()
    {
        await AddAsync("first");
        var since = Now;
        Time.Advance(TimeSpan.FromSeconds(30));
        await AddAsync("second");
        Time.Advance(TimeSpan.FromSeconds(30));
        await Store.RequestEventsAsync(Queue, ["first"], Cancel);
        await TakeDueAsync();
        await ConfirmPublishedAsync("first");
        Assert.Equal(since, (await MetricsAsync()).OldestWaitingAt);

        await StartAsync("first");
        Assert.Equal(since.AddSeconds(30), (await MetricsAsync()).OldestWaitingAt);
    }

    [Fact]
    public async Task Pages_have_the_newest_first_and_lead_through_all_jobs_once()
    {
        foreach (var id in Ids("a", 25))
        {
            await AddAsync(Job(id) with { Priority = id[^1] % 2 == 0 ? JobPriority.Low : JobPriority.High });

            // Every third job shares its time with the one before it.
            Time.Advance(TimeSpan.FromMilliseconds(id[^1] % 3 == 0 ? 0 : 1));
        }

        foreach (var state in (JobState?[])[null, JobState.Waiting])
        {
            var all = await ReadAllAsync(state, limit: 4);
            Assert.Equal(25, all.Count);
            Assert.Equal([.. Ids("a", 25).Reverse()], all);
        }
    }

    [Fact]
    public async Task Pages_of_jobs_of_one_time_lead_through_all_of_them_too()
    {
        var ids = Ids("a", 60);
        await Store.AddAsync(Queue, [.. ids.Select((id, i) => Job(id) with { Priority = i % 2 == 0 ? JobPriority.Critical : JobPriority.Normal })], Cancel);
        Assert.Equal([.. ids.Reverse()], await ReadAllAsync(state: null, limit: 7));
        Assert.Equal([.. ids.Reverse()], await ReadAllAsync(JobState.Waiting, limit: 7));
    }

    [Fact]
    public async Task A_page_that_ends_with_the_last_job_has_no_cursor()
    {
        await Store.AddAsync(Queue, [Job("a"), Job("b")], Cancel);
        Assert.NotNull((await Store.ListAsync(Queue, new JobQuery(Limit: 1), Cancel)).NextCursor);
        Assert.Null((await Store.ListAsync(Queue, new JobQuery(Limit: 2), Cancel)).NextCursor);
        Assert.Null((await Store.ListAsync(Queue, new JobQuery(Limit: 3), Cancel)).NextCursor);
    }

    [Fact]
    public async Task Pages_lead_on_when_the_job_at_the_cursor_has_gone_and_newer_ones_have_come()
    {
        foreach (var id in Ids("a", 6))
        {
            await AddAsync(id);
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        var first = await Store.ListAsync(Queue, new JobQuery(Limit: 2), Cancel);
        Assert.Equal(["a006", "a005"], first.Jobs.Select(job => job.JobId));
        await Store.RemoveAsync(Queue, "a005", Cancel);
        await AddAsync("b");
        var second = await Store.ListAsync(Queue, new JobQuery(Limit: 2, Cursor: first.NextCursor), Cancel);
        Assert.Equal(["a004", "a003"], second.Jobs.Select(job => job.JobId));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(null, 2)]
    [InlineData(JobState.Waiting, 2)]
    [InlineData(JobState.Waiting, 3)]
    public async Task Pages_lead_back_to_the_first_as_they_have_led_on(JobState? state, int limit)
    {
        JobPriority[] priorities = [JobPriority.Low, JobPriority.Normal, JobPriority.Critical];
        foreach (var (n, id) in Ids("back", 7).Index())
        {
            // Some have the same time.
            await Store.AddAsync(Queue, [Job(id) with { Priority = priorities[n % 3] }], Cancel);
            Time.Advance(TimeSpan.FromMilliseconds(n % 2));
        }

        var pages = new List<JobPage>();
        for (var cursor = (string?)null; pages.Count == 0 || cursor is not null; cursor = pages[^1].NextCursor)
        {
            pages.Add(await Store.ListAsync(Queue, new JobQuery(state, limit, cursor), Cancel));
        }

        Assert.Null(pages[0].PreviousCursor);
        for (var n = pages.Count - 1; n > 0; n--)
        {
            var before = await Store.ListAsync(Queue, new JobQuery(state, limit, pages[n].PreviousCursor), Cancel);
            Assert.Equal(pages[n - 1].Jobs.Select(job => job.JobId), before.Jobs.Select(job => job.JobId));
            Assert.Equal((pages[n - 1].NextCursor, pages[n - 1].PreviousCursor), (before.NextCursor, before.PreviousCursor));
        }

        // Also where the job at the cursor has gone.
        await Store.RemoveAsync(Queue, pages[1].Jobs[0].JobId, Cancel);
        var again = await Store.ListAsync(Queue, new JobQuery(state, limit, pages[1].PreviousCursor), Cancel);
        Assert.Equal(pages[0].Jobs.Select(job => job.JobId), again.Jobs.Select(job => job.JobId));
        Assert.Empty((await Store.ListAsync(Queue, new JobQuery(state, limit, new JobCursor(long.MaxValue / 1000, "z", IsBack: true).ToString()), Cancel)).Jobs);
    }

    [Fact]
    public async Task Jobs_can_be_listed_by_each_state()
    {
        await AddAsync("waiting");
        await AddAsync(Job("delayed") with { Delay = TimeSpan.FromHours(1) });
        await AddAsync("active");
        await StartAsync("active");
        await AddCompletedAsync("completed");
        await AddFailedAsync("failed");
        foreach (var state in (JobState[])[JobState.Waiting, JobState.Delayed, JobState.Active, JobState.Completed, JobState.Failed])
        {
            var page = await Store.ListAsync(Queue, new JobQuery(state), Cancel);
            Assert.Equal((state.ToString().ToUpperInvariant(), state), (Assert.Single(page.Jobs).JobId.ToUpperInvariant(), page.Jobs[0].State));
        }

        Assert.Empty((await Store.ListAsync(Queue, new JobQuery(JobState.Paused), Cancel)).Jobs);
        await Store.PauseAsync(Queue, Cancel);
        Assert.Empty((await Store.ListAsync(Queue, new JobQuery(JobState.Waiting), Cancel)).Jobs);
        Assert.Equal((JobState.Paused, "waiting"), ((await Store.ListAsync(Queue, new JobQuery(JobState.Paused), Cancel)).Jobs[0].State, "waiting"));
        Assert.Equal(5, (await Store.ListAsync(Queue, new JobQuery(), Cancel)).Jobs.Count);
    }

    [Fact]
    public async Task Ended_jobs_are_listed_by_the_time_they_ended()
    {
        await AddAsync("first-added");
        var run = await StartAsync("first-added");
        Time.Advance(TimeSpan.FromSeconds(1));
        await AddCompletedAsync("last-added");
        Time.Advance(TimeSpan.FromSeconds(1));
        await CompleteAsync(run);
        Assert.Equal(["first-added", "last-added"], (await Store.ListAsync(Queue, new JobQuery(JobState.Completed), Cancel)).Jobs.Select(job => job.JobId));
        Assert.Equal(["last-added", "first-added"], (await Store.ListAsync(Queue, new JobQuery(), Cancel)).Jobs.Select(job => job.JobId));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("")]
    [InlineData(":a")]
    [InlineData("1x:a")]
    public async Task A_cursor_that_no_page_ended_with_is_refused(string cursor)
    {
        await AddAsync("a");
        await Assert.ThrowsAsync<InvalidCursorException>(() => Store.ListAsync(Queue, new JobQuery(Cursor: cursor), Cancel));
    }

    [Fact]
    public async Task Metrics_count_every_state()
    {
        await Store.AddAsync(Queue, [Job("w1") with { Priority = JobPriority.Low }, Job("w2"), Job("w3") with { Priority = JobPriority.Critical }], Cancel);
        await AddAsync(Job("d") with { Delay = TimeSpan.FromHours(1) });
        await AddAsync("a");
        await StartAsync("a");
        await AddCompletedAsync("c");
        await AddFailedAsync("f1");
        await AddFailedAsync("f2");
        await AddCompletedAsync(Job("gone") with { RemoveOnComplete = true });

        var metrics = await MetricsAsync();
        Assert.Equal(Queue, metrics.Name);
        Assert.Equal(
            (3L, 1L, 1L, 1L, 2L, 0L, 9L, 1L),
            (metrics.Waiting, metrics.Delayed, metrics.Active, metrics.Completed, metrics.Failed, metrics.Paused, metrics.Added, metrics.Removed));
        Assert.Equal((2L, 2L), (metrics.CompletedTotal, metrics.FailedTotal));
    }

    [Fact]
    public async Task Metrics_of_several_queues_come_in_their_order_also_of_one_that_never_was_used()
    {
        await AddAsync("a");
        var metrics = await Store.GetMetricsAsync([Queue + "-none", Queue], Cancel);
        Assert.Equal([0L, 1L], metrics.Select(queue => queue.Waiting));
        Assert.Equal([Queue + "-none", Queue], metrics.Select(queue => queue.Name));
        Assert.Equal((0d, 0d, null), (metrics[0].AverageProcessingTime, metrics[0].FailureRate, metrics[0].OldestWaitingAt));
    }

    [Fact]
    public async Task The_failure_rate_and_the_average_time_look_back_one_hour()
    {
        await EndAfterAsync("a", TimeSpan.FromSeconds(1), RunEndKind.Completed);
        await EndAfterAsync("b", TimeSpan.FromSeconds(2), RunEndKind.Failed);
        await EndAfterAsync("c", TimeSpan.FromSeconds(3), RunEndKind.Retry);
        await EndAfterAsync("d", TimeSpan.FromSeconds(8), RunEndKind.Snoozed);
        Assert.Equal((2000d, 0.5), ((await MetricsAsync()).AverageProcessingTime, (await MetricsAsync()).FailureRate));

        Time.Advance(TimeSpan.FromMinutes(30));
        await EndAfterAsync("e", TimeSpan.FromSeconds(6), RunEndKind.Completed);
        Assert.Equal((3000d, 1 / 3d), ((await MetricsAsync()).AverageProcessingTime, (await MetricsAsync()).FailureRate));

        Time.Advance(TimeSpan.FromMinutes(31));
        await Store.TrimAsync(Queue, Cancel);
        Assert.Equal((6000d, 0d), ((await MetricsAsync()).AverageProcessingTime, (await MetricsAsync()).FailureRate));

        Time.Advance(TimeSpan.FromDays(2));
        await Store.TrimAsync(Queue, Cancel);
        Assert.Equal((0d, 0d), ((await MetricsAsync()).AverageProcessingTime, (await MetricsAsync()).FailureRate));
    }

    [Fact]
    public async Task The_history_tells_each_minute_what_was_added_and_ended_and_how_long_attempts_took()
    {
        await EndAfterAsync("a", TimeSpan.FromSeconds(2), RunEndKind.Completed);
        await EndAfterAsync("b", TimeSpan.FromMilliseconds(40), RunEndKind.Failed);
        Time.Advance(TimeSpan.FromMinutes(2));
        await AddAsync("c");
        await StartAsync("c");
        Time.Advance(TimeSpan.FromMinutes(1));
        await Store.RecoverStalledAsync(Queue, 10, Cancel);

        var minutes = (await HistoryAsync(4)).Minutes;
        Assert.Equal(4, minutes.Count);
        Assert.Equal([(2L, 1L, 1L, 0L), (0L, 0L, 0L, 0L), (1L, 0L, 0L, 0L), (0L, 0L, 0L, 1L)], minutes.Select(minute => (minute.Added, minute.Completed, minute.Failed, minute.Stalled)));
        Assert.Equal(new DateTimeOffset(Now.Ticks - (Now.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero), minutes[3].Minute);
        Assert.InRange(minutes[0].P50!.Value, 20, 50);
        Assert.InRange(minutes[0].P95!.Value, 1000, 2000);
        Assert.Null(minutes[2].P50);
    }

    [Fact]
    public async Task The_history_of_a_day_is_there_and_empty_for_a_queue_that_never_was_used()
    {
        await EndAfterAsync("a", TimeSpan.FromSeconds(2), RunEndKind.Completed);
        Time.Advance(TimeSpan.FromMinutes(1438));
        await Store.TrimAsync(Queue, Cancel);
        var history = await HistoryAsync(1440);
        Assert.Equal((1440, 1L), (history.Minutes.Count, history.Minutes.Sum(minute => minute.Completed)));
        Assert.InRange(history.P95!.Value, 1000, 2000);

        var other = (await Store.GetHistoryAsync([Queue + "-none"], 60, Cancel))[0];
        Assert.Equal((Queue + "-none", 60, 0L, null), (other.Name, other.Minutes.Count, other.Minutes.Sum(minute => minute.Added), other.P50));
    }

    [Fact]
    public async Task The_job_that_has_waited_longest_is_seen_whatever_its_priority()
    {
        var first = Now;
        await AddAsync(Job("a") with { Priority = JobPriority.Low });
        Time.Advance(TimeSpan.FromSeconds(1));
        var second = Now;
        await AddAsync(Job("b") with { Priority = JobPriority.Critical });
        Assert.Equal(first, (await MetricsAsync()).OldestWaitingAt);
        await StartAsync("a");
        Assert.Equal(second, (await MetricsAsync()).OldestWaitingAt);
        await StartAsync("b");
        Assert.Null((await MetricsAsync()).OldestWaitingAt);
    }

    [Fact]
    public async Task The_store_answers() => Assert.True(await Store.IsAvailableAsync(Cancel));

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_changes_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AddAsync(Queue, [Job("a")], new CancellationToken(canceled: true)));
        Assert.Null(await FindAsync("a"));
    }

    [Fact]
    public async Task Changes_are_told_as_they_happen_without_the_jobs_data()
    {
        await using var changes = Store.WatchAsync(Queue, Cancel).GetAsyncEnumerator(Cancel);
        await BeginToWatchAsync(changes);

        await AddAsync(Job("ü") with { RemoveOnComplete = true });
        var run = await StartAsync("ü");
        await ReportAsync(new RunReport(run.Key) { Progress = Json("""{"percentage":7,"step":"x"}"""), Logs = ["one", "two: ü"] });
        await CompleteAsync(run);
        await Store.PauseAsync(Queue, Cancel);
        await AddAsync(Job("b") with { Delay = TimeSpan.FromSeconds(1) });
        await Store.PromoteAsync(Queue, "b", Cancel);
        await Store.CancelAsync(Queue, "b", Cancel);

        JobChange[] expected =
        [
            new(Queue, "ü", JobChangeKind.State, JobState.Waiting, Now),
            new(Queue, "ü", JobChangeKind.State, JobState.Active, Now),
            new(Queue, "ü", JobChangeKind.Progress, JobState.Active, Now, Progress: new JobProgress(7, "x")),
            new(Queue, "ü", JobChangeKind.Log, JobState.Active, Now, Line: "one"),
            new(Queue, "ü", JobChangeKind.Log, JobState.Active, Now, Line: "two: ü"),
            new(Queue, "ü", JobChangeKind.State, JobState.Completed, Now),
            new(Queue, "ü", JobChangeKind.Removed, JobState.Completed, Now),
            new(Queue, "b", JobChangeKind.State, JobState.Delayed, Now),
            new(Queue, "b", JobChangeKind.State, JobState.Paused, Now),
            new(Queue, "b", JobChangeKind.State, JobState.Failed, Now),
        ];
        foreach (var change in expected)
        {
            Assert.Equal(change, await NextAsync(changes));
        }
    }

    [Fact]
    public async Task Changes_of_other_queues_are_not_told()
    {
        await using var changes = Store.WatchAsync(Queue, Cancel).GetAsyncEnumerator(Cancel);
        await BeginToWatchAsync(changes);
        await Store.AddAsync(Queue + "-other", [Job("other")], Cancel);
        await AddAsync("mine");
        Assert.Equal("mine", (await NextAsync(changes)).JobId);
    }

    /// <summary>Waits until changes come: a store may need a moment until it listens.</summary>
    private async Task BeginToWatchAsync(IAsyncEnumerator<JobChange> changes)
    {
        var first = changes.MoveNextAsync().AsTask();
        var probes = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        do
        {
            await AddAsync($"probe-{++probes}");
        }
        while (!first.IsCompleted && await timer.WaitForNextTickAsync(Cancel));

        Assert.True(await first);
        while (changes.Current.JobId != $"probe-{probes}")
        {
            await NextAsync(changes);
        }
    }

    private static async Task<JobChange> NextAsync(IAsyncEnumerator<JobChange> changes)
    {
        Assert.True(await changes.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        return changes.Current;
    }

    private async Task<QueueHistory> HistoryAsync(int minutes) => (await Store.GetHistoryAsync([Queue], minutes, Cancel))[0];

    private async Task EndAfterAsync(string id, TimeSpan duration, RunEndKind kind)
    {
        await AddAsync(id);
        var run = await StartAsync(id);
        Time.Advance(duration);
        await FinishAsync(new RunEnd(run.Key, kind) { Delay = TimeSpan.FromHours(9) });
    }

    private static KnownJob? Known(JobState state) => new KnownJob(state);

    private async Task<List<string>> ReadAllAsync(JobState? state, int limit)
    {
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Store.ListAsync(Queue, new JobQuery(state, limit, cursor), Cancel);
            Assert.InRange(page.Jobs.Count, 1, limit);
            ids.AddRange(page.Jobs.Select(job => job.JobId));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return ids;
    }
}
