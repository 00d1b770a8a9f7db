using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Dashboard.Tests;

public sealed class QueueTests(Browser browser)
{
    private const string Failed = "/queues/message-notification?state=failed";

    [Fact]
    public async Task Jobs_are_found_by_text_priority_and_type()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("mail-1", "Mailbox is full.");
        await system.PutFailedAsync("mail-2", "Server is away.");
        await system.PutAsync("urgent", delay: TimeSpan.FromHours(1), priority: JobPriority.Critical);
        await system.OpenAsync("/queues/message-notification");
        await Assertions.Expect(system.Page.Locator("tbody tr")).ToHaveCountAsync(3);

        await system.Page.GetByRole(AriaRole.Searchbox).FillAsync("FULL");
        await system.Page.Link("mail-2").IsGoneAsync();
        await system.Page.Link("mail-1").ShowsAsync();
        await Assertions.Expect(system.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("text=FULL$"));

        await system.Page.GetByRole(AriaRole.Searchbox).FillAsync(string.Empty);
        await system.Page.GetByLabel("Priority").SelectOptionAsync("CRITICAL");
        await system.Page.Link("mail-1").IsGoneAsync();
        await system.Page.Link("urgent").ShowsAsync();

        await system.OpenAsync("/queues/message-notification?type=no-such-type");
        await system.Page.GetByText("No job matches.").ShowsAsync();
    }

    [Fact]
    public async Task Charts_have_a_scale_a_legend_and_a_span_that_stays_in_the_address()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("mail-1", "Mailbox is full.");
        await system.OpenAsync("/queues/message-notification");

        await system.Page.GetByRole(AriaRole.Img, new() { Name = "Ended: at most 1 in a minute" }).ShowsAsync();
        var ended = system.Page.GetByRole(AriaRole.Figure).Filter(new() { HasText = "Ended" });
        await Assertions.Expect(ended.Locator(".legend li")).ToHaveTextAsync(["failed", "completed"]);
        await Assertions.Expect(ended.Locator(".scale span")).ToHaveTextAsync(["1", string.Empty, "0"]);
        await Assertions.Expect(ended.Locator("rect.failed")).ToHaveCountAsync(1);
        await system.Page.GetByRole(AriaRole.Img, new() { Name = "On record:" }).ShowsAsync();
        await system.Page.GetByRole(AriaRole.Img, new() { Name = "Longest wait for its turn:" }).ShowsAsync();

        await system.Page.GetByLabel("Charts of the last").SelectOptionAsync("24h");
        await system.Page.GetByRole(AriaRole.Img, new() { Name = "Ended: at most 1 in 10 minutes" }).ShowsAsync();
        await Assertions.Expect(system.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("span=24h$"));
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task Pages_follow_one_another_and_lead_back_and_hold_as_many_as_wanted()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        for (var i = 0; i < 60; i++)
        {
            await system.PutAsync($"later-{i:00}", delay: TimeSpan.FromHours(1 + i));
        }

        await system.OpenAsync("/queues/message-notification?state=delayed");
        await Assertions.Expect(system.Page.Locator("tbody tr")).ToHaveCountAsync(50);
        await system.Page.Link("Next").ClickAsync();
        await Assertions.Expect(system.Page.Locator("tbody tr")).ToHaveCountAsync(10);
        await system.Page.Link("Next").IsGoneAsync();
        await system.Page.Link("Previous").ClickAsync();
        await Assertions.Expect(system.Page.Locator("tbody tr")).ToHaveCountAsync(50);
        await system.Page.Link("Previous").IsGoneAsync();
        await system.Page.GetByLabel("Jobs on a page").SelectOptionAsync("20");
        await Assertions.Expect(system.Page.Locator("tbody tr")).ToHaveCountAsync(20);
        await system.Page.Link("Next").ClickAsync();
        await Assertions.Expect(system.Page.Locator("tbody tr").First).ToContainTextAsync("later-39");
        await system.Page.Link("Next").ClickAsync();
        await Assertions.Expect(system.Page.Locator("tbody tr").First).ToContainTextAsync("later-19");
        await system.Page.Link("Previous").ClickAsync();
        await Assertions.Expect(system.Page.Locator("tbody tr").First).ToContainTextAsync("later-39");
        await system.Page.Link("First").ClickAsync();
        await Assertions.Expect(system.Page.Locator("tbody tr").First).ToContainTextAsync("later-59");
    }

    [Fact]
    public async Task Selected_jobs_are_retried_and_removed_and_removing_asks_first()
    {
        await using var system = await DashboardSystem.StartAsync(browser, settings: DashboardSystem.AtOnce);
        foreach (var id in new[] { "a", "b", "c" })
        {
            await system.PutFailedAsync(id, "x");
        }

        await system.PauseAsync();
        await system.OpenAsync(Failed);
        await system.Page.GetByLabel("Select a", new() { Exact = true }).CheckAsync();
        await system.Page.Button("Retry").ClickAsync();
        await system.Page.SaysAsync("1 job waits again.");
        Assert.Equal(JobState.Paused, (await system.RecordAsync(Jobs.Notification, "a"))!.State);

        await system.Page.GetByLabel("Select all on this page").CheckAsync();
        await system.Page.GetByText("2 jobs selected").ShowsAsync();
        await system.Page.Button("Remove").ClickAsync();
        await system.Page.AnswerAsync("Cancel");
        Assert.Equal(2, (await system.MetricsAsync(Jobs.Notification)).Failed);

        await system.Page.Button("Remove").ClickAsync();
        await system.Page.AnswerAsync("Remove");
        await system.Page.SaysAsync("2 jobs removed.");
        await system.Page.GetByText("No failed jobs.").ShowsAsync();
        Assert.Equal(0, (await system.MetricsAsync(Jobs.Notification)).Failed);
    }

    [Fact]
    public async Task Delayed_jobs_are_promoted_and_cancelled()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PauseAsync();
        await system.PutAsync("soon", delay: TimeSpan.FromHours(1));
        await system.PutAsync("never", delay: TimeSpan.FromHours(1));
        await system.OpenAsync("/queues/message-notification?state=delayed");

        await system.Page.GetByLabel("Select soon").CheckAsync();
        await system.Page.Button("Promote").ClickAsync();
        await system.Page.SaysAsync("1 job due now.");
        await system.Page.GetByLabel("Select never").CheckAsync();
        await system.Page.Button("Cancel").ClickAsync();
        await system.Page.Question().GetByText("Cancel 1 job?").ShowsAsync();
        await system.Page.Question().Locator("button.danger").ClickAsync();
        await system.Page.SaysAsync("1 job cancelled.");

        Assert.Equal(JobState.Paused, (await system.RecordAsync(Jobs.Notification, "soon"))!.State);
        Assert.Equal(JobErrorCodes.Cancelled, (await system.RecordAsync(Jobs.Notification, "never"))!.Error!.Code);
    }

    [Fact]
    public async Task Retrying_all_tells_first_how_many()
    {
        await using var system = await DashboardSystem.StartAsync(browser, settings: DashboardSystem.AtOnce);
        await system.PutFailedAsync("a", "x");
        await system.PutFailedAsync("b", "x");
        await system.PauseAsync();
        await system.OpenAsync(Failed);

        await system.Page.Button("Retry all failed (2)").ClickAsync();
        await system.Page.Question().GetByText("Retry all 2 failed jobs?").ShowsAsync();
        await system.Page.AnswerAsync("Retry all");
        await system.Page.SaysAsync("2 jobs wait again.");

        Assert.Equal((0L, 2L), ((await system.MetricsAsync(Jobs.Notification)).Failed, (await system.MetricsAsync(Jobs.Notification)).Paused));
        await Assertions.Expect(system.Page.Button("Retry all failed (0)")).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Retrying_all_can_be_undone_for_a_while_and_leaves_the_jobs_as_they_were()
    {
        await using var system = await DashboardSystem.StartAsync(browser, settings: new Dictionary<string, string?> { ["Dashboard:UndoSeconds"] = "60" });
        await system.PutFailedAsync("a", "x");
        await system.PutFailedAsync("b", "x");
        await system.PauseAsync();
        var before = await system.RecordAsync(Jobs.Notification, "a");
        await system.OpenAsync(Failed);
        await system.Page.Button("Retry all failed (2)").ClickAsync();
        await system.Page.AnswerAsync("Retry all");

        await system.Page.SaysAsync("2 failed jobs wait again in 60 seconds.");
        await Assertions.Expect(system.Page.Locator(".notice .left")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[0-9]+ s$"));
        await system.Page.Button("Undo").FocusAsync();
        await system.Page.Keyboard.PressAsync("Enter");

        await system.Page.SaysAsync("Undone: 2 jobs stay failed.");
        Assert.Equivalent(before, await system.RecordAsync(Jobs.Notification, "a"), strict: true);
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task A_retry_that_is_not_undone_happens_when_its_time_is_over_and_is_told()
    {
        await using var system = await DashboardSystem.StartAsync(browser, settings: new Dictionary<string, string?> { ["Dashboard:UndoSeconds"] = "3" });
        await system.PutFailedAsync("a", "x");
        await system.PauseAsync();
        await system.OpenAsync(Failed);
        await system.Page.Button("Retry all failed (1)").ClickAsync();
        await system.Page.AnswerAsync("Retry all");

        await system.Page.SaysAsync("1 failed job waits again in 3 seconds.");
        await system.Page.SaysAsync("1 job waits again.");

        Assert.Equal(JobState.Paused, (await system.RecordAsync(Jobs.Notification, "a"))!.State);
        await system.Page.Button("Undo").IsGoneAsync();
    }

    [Fact]
    public async Task A_queue_is_paused_resumed_and_cleaned()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("a", "x");
        await system.OpenAsync("/queues/message-notification");

        await system.Page.Button("Pause").ClickAsync();
        await system.Page.Button("Resume").ClickAsync();
        await system.Page.Button("Pause").ShowsAsync();
        await system.Page.Button("Clean …").ClickAsync();
        await system.Page.Question().GetByText("0 completed and 1 failed jobs").ShowsAsync();
        await system.Page.GetByLabel("Remove completed jobs older than").SelectOptionAsync("any age");
        await system.Page.AnswerAsync("Remove");

        await system.Page.SaysAsync("1 job removed.");
        Assert.Null(await system.RecordAsync(Jobs.Notification, "a"));
    }

    [Fact]
    public async Task What_is_selected_and_in_focus_stays_while_others_come_and_go()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("gone", "x");
        await system.PutFailedAsync("stays", "x");
        await system.OpenAsync(Failed);
        await system.Page.GetByLabel("Select stays").CheckAsync();
        await system.Page.Link("stays").FocusAsync();

        await system.Store.RemoveAsync(Jobs.Notification, "gone", TestContext.Current.CancellationToken);
        await system.PutFailedAsync("new", "x");

        await system.Page.Link("new").ShowsAsync();
        await system.Page.Link("gone").IsGoneAsync();
        await Assertions.Expect(system.Page.Link("stays")).ToBeFocusedAsync();
        await Assertions.Expect(system.Page.GetByLabel("Select stays")).ToBeCheckedAsync();
    }
}
