using System.Text.Json;
using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>Somebody who has never seen the system finds a job that has failed, reads why, and replays it: from the first page, by what the pages show.</summary>
public sealed class OperatorStoryTests(Browser browser)
{
    private const string Why = "The database of messages did not answer within 5 s.";
    private const string JobId = "letter-to-4711";

    private int _clicks;

    [Fact]
    public async Task By_what_the_overview_points_out_it_takes_three_clicks()
    {
        await using var system = await StartAsync();

        // One of one has failed: that is pointed out at the top.
        await system.Page.GetByText("fails 100 % of its jobs").ShowsAsync();
        await ClickAsync(system.Page.GetByRole(AriaRole.Region, new() { Name = "Alerts" }).GetByRole(AriaRole.Link, new() { Name = Jobs.Delivery }));
        await system.Page.Locator("tbody").GetByText(Why).ShowsAsync();
        await ClickAsync(system.Page.Link(JobId));
        await UnderstandsAsync(system.Page);
        await ClickAsync(system.Page.Button("Retry"));

        await RunsAsync(system);
        await system.Page.GetByText("Attempt 1 failed").ShowsAsync();
        await system.Page.GetByText("Attempt 1 completed").ShowsAsync();
        Assert.Equal(3, _clicks);
    }

    [Fact]
    public async Task By_the_number_of_failed_jobs_it_takes_two_clicks()
    {
        await using var system = await StartAsync();

        await ClickAsync(system.Page.GetByLabel("All queues").GetByRole(AriaRole.Link, new() { Name = "1 failed" }));
        await system.Page.GetByRole(AriaRole.Heading, new() { Name = Why }).ShowsAsync();
        await ClickAsync(system.Page.Button($"Replay {JobId}"));

        await system.Page.GetByText("No job has failed for good.").ShowsAsync();
        await RunsAsync(system);
        Assert.Equal(2, _clicks);
    }

    [Fact]
    public async Task A_failed_job_among_many_good_ones_is_no_alarm_but_is_shown()
    {
        await using var system = await StartAsync(new Dictionary<string, string?> { ["Dashboard:AlertFailureRate"] = "1" });

        await ClickAsync(system.Page.GetByRole(AriaRole.Region, new() { Name = "Alerts" }).GetByRole(AriaRole.Link, new() { Name = "1 failed job" }));
        await ClickAsync(system.Page.Link(JobId));
        await UnderstandsAsync(system.Page);
        await ClickAsync(system.Page.Button("Retry"));

        await RunsAsync(system);
        Assert.Equal(3, _clicks);
    }

    /// <summary>A message that could not be delivered, although nothing is wrong with it.</summary>
    private async Task<DashboardSystem> StartAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var system = await DashboardSystem.StartAsync(browser, settings: settings);
        var data = JsonSerializer.SerializeToUtf8Bytes(Jobs.Message()["data"]);
        var cancellation = TestContext.Current.CancellationToken;
        await system.Store.AddAsync(Jobs.Delivery, [new NewJob { JobId = JobId, Type = "send-message", Data = data, MaxAttempts = 5 }], cancellation);
        var run = await system.BeginAsync(JobId, Jobs.Delivery);
        await system.Store.FinishAsync(
            Jobs.Delivery,
            [new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError(Why, "   at MessageStore.SaveAsync()", JobErrorCodes.Permanent) }],
            cancellation);
        await system.OpenAsync("/");
        return system;
    }

    private static async Task UnderstandsAsync(IPage page)
    {
        await page.GetByText($"Failed (permanent): {Why}").ShowsAsync();
        await page.GetByText("Put right what the error names and retry").ShowsAsync();
        await page.GetByText("Attempt 1 failed").ShowsAsync();
        await page.GetByText("Stack trace").ShowsAsync();
        await page.GetByText("1 of 5").ShowsAsync();
    }

    /// <summary>Replayed, it is delivered; where it is open, that shows by itself.</summary>
    private static async Task RunsAsync(DashboardSystem system)
    {
        if (system.Page.Url.EndsWith(JobId, StringComparison.Ordinal))
        {
            await Assertions.Expect(system.Page.Locator("h1 .badge")).ToHaveTextAsync("completed");
        }

        await system.ComesToAsync(Jobs.Delivery, JobId, JobState.Completed);
        Assert.Empty(system.Complaints);
    }

    private Task ClickAsync(ILocator locator)
    {
        _clicks++;
        return locator.ClickAsync();
    }
}
