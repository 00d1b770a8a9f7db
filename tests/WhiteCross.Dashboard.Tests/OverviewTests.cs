using Microsoft.Playwright;

namespace WhiteCross.Dashboard.Tests;

public sealed class OverviewTests(Browser browser)
{
    [Fact]
    public async Task A_job_that_runs_shows_up_without_a_reload()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.OpenAsync("/");
        await Assertions.Expect(system.Page.GetByRole(AriaRole.Heading, new() { Name = "message-delivery" })).ToBeVisibleAsync();

        await system.AddAsync(Jobs.Delivery, Jobs.Message());

        var card = system.Page.GetByRole(AriaRole.Region, new() { Name = "message-delivery" });
        await Assertions.Expect(card.GetByRole(AriaRole.Link, new() { Name = "1 completed" })).ToBeVisibleAsync();
        await Assertions.Expect(card.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", "message-delivery: 1 completed and 0 failed in the last hour; at most 1 a minute");
        Assert.Empty(system.Complaints);
    }
}
