using System.Collections.Concurrent;
using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Dashboard.Tests;

public sealed class JobTests(Browser browser)
{
    private static async Task RevealAsync(DashboardSystem system)
    {
        await system.Page.Button("Reveal").ClickAsync();
        await system.Page.GetByLabel("Reason").FillAsync("a complaint");
        await system.Page.AnswerAsync("Reveal content");
    }

    [Fact]
    public async Task A_failed_job_tells_why_and_is_retried()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("broken", "Mailbox <b>is</b> full.", "   at Mail.Send()");
        await system.PauseAsync();
        await system.OpenAsync("/queues/message-notification/jobs/broken");

        await system.Page.Locator("main .alert").GetByText("Failed: Mailbox <b>is</b> full.").ShowsAsync();
        await system.Page.GetByText("Attempt 1 failed").ShowsAsync();
        await system.Page.GetByText("Stack trace").ClickAsync();
        await system.Page.GetByText("at Mail.Send()").ShowsAsync();
        await system.Page.Button("Retry").ClickAsync();

        await system.Page.SaysAsync("The job waits again.");
        Assert.Equal(JobState.Paused, (await system.RecordAsync(Jobs.Notification, "broken"))!.State);
        await system.Page.Button("Retry").IsGoneAsync();
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task What_a_job_is_about_is_neither_shown_nor_sent_until_revealed()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("broken", "x");
        var answers = new ConcurrentQueue<Task<string>>();
        system.Page.Response += (_, answer) =>
        {
            if (answer.Url.Contains("/queue/", StringComparison.Ordinal) && !answer.Url.Contains("/events", StringComparison.Ordinal))
            {
                answers.Enqueue(answer.TextAsync().WaitAsync(TimeSpan.FromSeconds(10)));
            }
        };
        foreach (var address in new[] { "/", "/queues/message-notification", "/dead-letters", "/queues/message-notification/jobs/broken" })
        {
            await system.OpenAsync(address);
            await (address == "/" ? system.Page.GetByRole(AriaRole.Link, new() { Name = "1 failed" }) : system.Page.Locator("main").GetByText("broken", new() { Exact = true }).Or(system.Page.GetByText("1 job", new() { Exact = true }))).ShowsAsync();
        }

        Assert.True(answers.Count > 8);

        // What a page asked for that was left since may have no answer any more, or none that ever ends.
        await Task.WhenAll(answers).ContinueWith(_ => { }, TaskScheduler.Default);
        var read = answers.Where(answer => answer.IsCompletedSuccessfully).Select(answer => answer.Result).ToList();
        Assert.Contains(read, answer => answer.Contains("\"jobId\":\"broken\"", StringComparison.Ordinal));
        Assert.DoesNotContain(read, answer => answer.Contains(Jobs.Secret, StringComparison.Ordinal));

        await RevealAsync(system);
        await system.Page.GetByText(Jobs.Secret).ShowsAsync();
        await system.Page.Button("Hide").ClickAsync();
        await system.Page.GetByText(Jobs.Secret).IsGoneAsync();
    }

    [Fact]
    public async Task Progress_and_log_lines_come_as_they_happen()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutAsync("running");
        var run = await system.BeginAsync("running");
        await system.OpenAsync("/queues/message-notification/jobs/running");
        await system.Page.GetByText("Attempt 1 runs since").ShowsAsync();

        await system.ReportAsync(run, new JobProgress(40, "rendering", 2, 5), "template found");
        await system.Page.GetByText("40 % · step 2 of 5 · rendering").ShowsAsync();
        await system.Page.GetByText("template found").ShowsAsync();

        await system.CompleteAsync(run);
        await system.Page.GetByText("Attempt 1 completed").ShowsAsync();
        await RevealAsync(system);
        await system.Page.GetByText("\"sent\": true").ShowsAsync();
    }

    [Fact]
    public async Task A_delayed_job_is_promoted_a_running_one_cancelled_an_ended_one_removed()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PauseAsync();
        await system.PutAsync("later", delay: TimeSpan.FromHours(1));
        await system.OpenAsync("/queues/message-notification/jobs/later");

        await system.Page.Button("Promote").ClickAsync();
        await system.Page.SaysAsync("The job is due now.");
        await system.Page.Button("Cancel …").ClickAsync();
        await system.Page.AnswerAsync("Cancel job");
        await system.Page.GetByText("Failed (cancelled):").ShowsAsync();
        await system.Page.Button("Remove …").ClickAsync();
        await system.Page.AnswerAsync("Remove");
        await system.Page.SaysAsync("The job is removed.");

        Assert.EndsWith("/queues/message-notification", system.Page.Url, StringComparison.Ordinal);
        Assert.Null(await system.RecordAsync(Jobs.Notification, "later"));
    }

    [Fact]
    public async Task The_command_for_curl_holds_the_data_only_when_it_is_revealed()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("it's", "x");
        await system.OpenAsync("/queues/message-notification/jobs/it's");

        await system.Page.Button("curl …").ClickAsync();
        await Assertions.Expect(system.Page.GetByLabel("Command")).ToHaveValueAsync($"curl '{system.Gateway.BaseAddress}queue/message-notification/jobs/it'\\''s?data=false'");
        await system.Page.AnswerAsync("Close");
        await RevealAsync(system);
        await system.Page.Button("curl …").ClickAsync();
        await Assertions.Expect(system.Page.GetByLabel("Command")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex($"-X POST .*{Jobs.Secret}"));
    }

    [Fact]
    public async Task A_job_leads_to_its_trace_and_an_unknown_one_says_so()
    {
        await using var system = await DashboardSystem.StartAsync(browser, settings: new Dictionary<string, string?> { ["Dashboard:TraceUrl"] = "https://traces.example/{traceId}" });
        var id = await system.AddAsync(Jobs.Delivery, Jobs.Message());
        await system.OpenAsync($"/queues/message-delivery/jobs/{id}");
        var trace = (await system.RecordAsync(Jobs.Delivery, id))!.TraceId;
        await Assertions.Expect(system.Page.GetByTitle(trace!)).ToHaveAttributeAsync("href", $"https://traces.example/{trace}");

        await system.OpenAsync("/queues/message-delivery/jobs/nothing");
        await system.Page.GetByRole(AriaRole.Alert).GetByText("has no job 'nothing' on record").ShowsAsync();
    }
}
