using Microsoft.Playwright;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>Addresses that are none, why a job does not run, and what may not stand in anybody's way.</summary>
public sealed class WhereAmITests(Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_of_no_view_says_so_and_shows_the_way()
    {
        await using var system = await DashboardSystem.StartAsync(browser);

        var answer = await system.Page.GotoAsync("/dead-leters");
        await system.Page.Heading("There is no page at this address").ShowsAsync();
        await system.Page.Locator("main").GetByText("/dead-leters").ShowsAsync();
        Assert.Equal(404, answer!.Status);
        await system.Page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "Overview" }).ClickAsync();
        await system.Page.Heading("Overview").ShowsAsync();

        // Programs get what they would have got.
        using var plain = await system.Gateway.GetAsync(new Uri("/dead-leters", UriKind.Relative), Cancellation);
        Assert.Equal("application/problem+json", plain.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_job_that_does_not_run_tells_why()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PauseAsync();
        await system.PutAsync("waits");
        await system.OpenAsync("/queues/message-notification/jobs/waits");

        var why = system.Page.GetByRole(AriaRole.Region, new() { Name = "Why it does not run" });
        await why.GetByText("paused").ShowsAsync();
        await system.Store.ResumeAsync(Jobs.Notification, Cancellation);
        await system.Page.ReloadAsync();
        await why.GetByText("paused").IsGoneAsync();
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task What_became_of_a_message_is_found_over_all_queues()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        var message = Guid.NewGuid();
        string[] terms = [JobTerms.OfId("messageId", message)];
        await system.Store.PauseAsync(Jobs.Delivery, Cancellation);
        await system.Store.AddAsync(Jobs.Delivery, [new NewJob { JobId = "send-it", Type = "send-message", Data = "{}"u8.ToArray(), Terms = terms, Error = new WhiteCross.Jobs.Contracts.JobError("Nobody is there.") }], Cancellation);
        await system.Store.AddAsync(Jobs.Notification, [new NewJob { JobId = "tell-it", Type = "send-notification", Data = "{}"u8.ToArray(), Terms = terms, Delay = TimeSpan.FromHours(1) }], Cancellation);
        await system.OpenAsync("/find");

        await system.Page.GetByLabel("Id or tag").FillAsync(message.ToString());
        await system.Page.Keyboard.PressAsync("Enter");

        await system.Page.GetByText("2 jobs.").ShowsAsync();
        var happened = system.Page.GetByRole(AriaRole.Region, new() { Name = "What happened" });
        await happened.GetByText("send-notification was added to").ShowsAsync();
        await happened.GetByText("Nobody is there.").ShowsAsync();
        await happened.GetByText("send-notification is due in").ShowsAsync();
        await system.Page.Link("send-it").ClickAsync();
        await system.Page.Heading("Attempts").ShowsAsync();
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task Keys_without_Ctrl_are_switched_off_and_workers_are_on_a_page_of_their_own()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.OpenAsync("/");
        await system.Page.Heading("Overview").ShowsAsync();
        await system.Page.Keyboard.PressAsync("g");
        await system.Page.Keyboard.PressAsync("w");
        await system.Page.Heading("Workers").ShowsAsync();
        await system.Page.GetByRole(AriaRole.Region, new() { Name = "message-delivery", Exact = true }).ShowsAsync();

        await system.Page.GetByRole(AriaRole.Button, new() { Name = "Keyboard shortcuts" }).ClickAsync();
        await system.Page.GetByLabel("Keys without Ctrl or Alt work").UncheckAsync();
        await system.Page.AnswerAsync("Close");
        await system.Page.Keyboard.PressAsync("?");
        await system.Page.Question().IsGoneAsync();
        Assert.Equal("/workers", new Uri(system.Page.Url).AbsolutePath);
        Assert.Empty(system.Complaints);
    }
}
