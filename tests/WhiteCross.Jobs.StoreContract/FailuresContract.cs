using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Failed jobs by their cause: the groups hold the failed jobs, all of them and no others, whatever becomes of these.</summary>
public abstract class FailuresContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task Errors_that_differ_in_numbers_ids_and_names_only_are_one_cause_of_their_type()
    {
        await FailAsync("a", "The server 'mail-1' refused the connection after 30 s (trace 0af7651916cd43dd8448eb211c80319c).");
        await FailAsync("b", "The server 'mail-2' refused the connection after 31.5 s (trace 4bf92f3577b34da6a3ce929d0e0e4736).\nand another line");
        await FailAsync("c", "There is no message f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33 of name@example.org.");
        await FailAsync("d", "There is no message 0c9e8d7f-6a5b-4c3d-8e2f-1a0b9c8d7e44 of other@example.org.");
        await FailAsync("e", "There is no message f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33 of name@example.org.", code: JobErrorCodes.Handler);
        await FailAsync("f", "There is no message f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33 of name@example.org.", type: "delivery-confirmation");

        var groups = await ListAsync();

        Assert.Equal([2, 2, 1, 1], groups.Select(group => group.Count));
        Assert.Equal(["delivery-confirmation", "send-message", "send-message", "send-message"], groups.Select(group => group.Type).Order(StringComparer.Ordinal));
        Assert.Equal(4, groups.Select(group => group.Cause).Distinct().Count());
    }

    [Fact]
    public async Task A_group_says_when_it_was_seen_first_and_last_and_how_often_in_each_hour()
    {
        var first = Now;
        await FailAsync("a", "broken");
        Time.Advance(TimeSpan.FromHours(2));
        await FailAsync("b", "broken");
        await FailAsync("c", "broken");
        Time.Advance(TimeSpan.FromHours(30));
        await FailAsync("d", "broken");

        var group = Assert.Single(await ListAsync());

        Assert.Equal((4L, first, Now, "d"), (group.Count, group.FirstSeen, group.LastSeen, group.LatestJobId));
        Assert.Equal([.. Enumerable.Repeat(0, 23), 1], group.Hours);
    }

    [Fact]
    public async Task What_is_retried_removed_cleaned_or_trimmed_leaves_its_group_and_what_fails_again_comes_back_to_it()
    {
        Options.KeepFailed = 4;
        var first = Now;
        foreach (var id in Ids("j", 6))
        {
            await FailAsync(id, "broken");
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        await Store.TrimAsync(Queue, Cancel);
        Assert.Equal(["j003", "j004", "j005", "j006"], await IdsAsync());

        await Store.RetryAsync(Queue, ["j003"], null, Cancel);
        await Store.RemoveAsync(Queue, "j004", Cancel);
        Assert.Equal(["j005", "j006"], await IdsAsync());

        await Store.RetryAsync(Queue, null, null, Cancel);
        Assert.Empty(await ListAsync());

        await FailAgainAsync("j003", "broken");
        var group = Assert.Single(await ListAsync());
        Assert.Equal((1L, first, "j003"), (group.Count, group.FirstSeen, group.LatestJobId));

        Time.Advance(TimeSpan.FromMinutes(1));
        await Store.CleanAsync(Queue, TimeSpan.Zero, TimeSpan.Zero, Cancel);
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task However_a_job_fails_it_is_in_a_group()
    {
        await AddAsync(Job("invalid") with { Error = new JobError("data: is required.", Code: JobErrorCodes.Invalid) });
        await AddAsync("cancelled");
        await Store.CancelAsync(Queue, "cancelled", Cancel);
        await AddAsync("stalled");
        for (var run = 0; run < 3; run++)
        {
            await BeginAsync("stalled");
            await AdvanceAndRecoverAsync(Options.Lease + TimeSpan.FromSeconds(1));
        }

        await AddAsync("undeliverable");
        await Store.FailUndeliverableAsync(Queue, Job("undeliverable") with { Error = new JobError("nobody", Code: JobErrorCodes.Undeliverable) }, Cancel);
        await AddAsync("unnamed");
        await FinishAsync(new RunEnd((await StartAsync("unnamed")).Key, RunEndKind.Failed));
        await AddAsync(Job("odd") with { Type = "no such type" });
        await FinishAsync(new RunEnd((await StartAsync("odd")).Key, RunEndKind.Failed) { Error = new JobError("broken") });

        var groups = await ListAsync();

        Assert.Equal((await MetricsAsync()).Failed, groups.Sum(group => group.Count));
        Assert.Equal("unknown", Assert.Single(groups, group => group.LatestJobId == "odd").Type);
    }

    [Fact]
    public async Task A_job_that_is_forgotten_when_it_fails_leaves_no_group()
    {
        await AddAsync(Job("a") with { RemoveOnFail = true });
        await FinishAsync(new RunEnd((await StartAsync("a")).Key, RunEndKind.Failed) { Error = new JobError("broken") });
        await Store.ConfirmDeadLettersAsync(Queue, ["a"], Cancel);

        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_page_of_a_groups_jobs_has_no_others()
    {
        foreach (var id in Ids("a", 5))
        {
            await FailAsync(id, "broken");
            await FailAsync("x" + id, "something else");
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        var cause = (await ListAsync()).Single(group => group.LatestJobId == "a005").Cause;
        var first = await Store.ListAsync(Queue, new JobQuery(JobState.Failed, 3, Cause: cause), Cancel);
        var second = await Store.ListAsync(Queue, new JobQuery(JobState.Failed, 3, first.NextCursor, Cause: cause), Cancel);
        var none = await Store.ListAsync(Queue, new JobQuery(JobState.Failed, 3, Cause: "send-message:0000000000000000"), Cancel);

        Assert.Equal(["a005", "a004", "a003", "a002", "a001"], first.Jobs.Concat(second.Jobs).Select(job => job.JobId));
        Assert.Null(second.NextCursor);
        Assert.Empty(none.Jobs);
        Assert.Equal(["a001", "a002"], await Store.Failures.ListJobIdsAsync(Queue, cause, Now - TimeSpan.FromSeconds(4), 10, Cancel));
        Assert.Equal(["a001"], await Store.Failures.ListJobIdsAsync(Queue, cause, null, 1, Cancel));
    }

    [Fact]
    public async Task Beyond_the_most_causes_new_ones_are_one_and_old_ones_without_jobs_make_room()
    {
        for (var i = 0; i < FailureCause.MaxPerQueue; i++)
        {
            await FailAsync($"j{i}", CauseText(i));
        }

        await FailAsync("more", "another cause");
        await FailAsync("evenmore", "yet another one");
        await FailAsync("known", CauseText(7));

        Assert.Equal(2, (await ListAsync()).Single(group => group.Cause == "send-message:other").Count);
        Assert.Equal(2, (await ListAsync()).Single(group => group.LatestJobId == "known").Count);

        await Store.CleanAsync(Queue, TimeSpan.Zero, TimeSpan.FromSeconds(-1), Cancel);
        Time.Advance(FailureCause.KeepFor);
        Assert.Empty(await ListAsync());
        await FailAsync("later", "another cause");
        Assert.NotEqual("send-message:other", Assert.Single(await ListAsync()).Cause);
    }

    [Fact]
    public async Task A_note_is_put_in_the_place_of_the_one_that_was_read_only()
    {
        Assert.True(await Store.Failures.ReplaceNoteAsync(Queue, "a:1", null, "one", Cancel));
        Assert.False(await Store.Failures.ReplaceNoteAsync(Queue, "a:1", null, "another", Cancel));
        Assert.True(await Store.Failures.ReplaceNoteAsync(Queue, "a:1", "one", "two", Cancel));
        Assert.False(await Store.Failures.ReplaceNoteAsync(Queue, "a:1", "one", null, Cancel));
        Assert.Equal([KeyValuePair.Create("a:1", "two")], await Store.Failures.ListNotesAsync(Queue, Cancel));
        Assert.True(await Store.Failures.ReplaceNoteAsync(Queue, "a:1", "two", null, Cancel));
        Assert.Empty(await Store.Failures.ListNotesAsync(Queue, Cancel));
    }

    [Fact]
    public async Task The_store_groups_by_what_it_is_given_to_where_the_text_is_sealed()
    {
        await FailAsync("a", "sealed 7f3a", cause: "00000000000000aa");
        await FailAsync("b", "sealed 91bc", cause: "00000000000000aa");

        Assert.Equal("send-message:00000000000000aa", Assert.Single(await ListAsync()).Cause);
    }

    // In letters, since numbers do not make another cause.
    private static string CauseText(int number) => $"cause {(char)('a' + (number / 26))}{(char)('a' + (number % 26))}";

    private Task<IReadOnlyList<FailureGroup>> ListAsync() => Store.Failures.ListAsync(Queue, Cancel);

    private async Task<IReadOnlyList<string>> IdsAsync() => await Store.Failures.ListJobIdsAsync(Queue, Assert.Single(await ListAsync()).Cause, null, 100, Cancel);

    private async Task FailAsync(string id, string message, string code = JobErrorCodes.Permanent, string type = "send-message", string? cause = null)
    {
        await AddAsync(Job(id) with { Type = type });
        await FailAgainAsync(id, message, code, cause);
    }

    private async Task FailAgainAsync(string id, string message, string code = JobErrorCodes.Permanent, string? cause = null)
    {
        await FinishAsync(new RunEnd((await StartAsync(id)).Key, RunEndKind.Failed) { Error = new JobError(message, Code: code) { Cause = cause } });
        await Store.ConfirmDeadLettersAsync(Queue, [id], Cancel);
    }
}
