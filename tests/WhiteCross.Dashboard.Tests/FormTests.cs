using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Dashboard.Tests;

/// <summary>Jobs and schedules are typed in, judged by the gateway, and what is wrong stands beside its field.</summary>
public sealed class FormTests(Browser browser)
{
    [Fact]
    public async Task A_job_and_a_schedule_are_made_and_changed_and_what_is_wrong_stands_beside_its_field()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PauseAsync(Jobs.Delivery);
        await system.OpenAsync($"/queues/{Jobs.Delivery}");
        await system.Page.Link("Add a job …").ClickAsync();
        await system.Page.GetByLabel("senderId").FillAsync("nobody");
        await system.Page.Button("Add job").ClickAsync();

        await Assertions.Expect(Entry(system, "senderId").Locator(".error")).ToContainTextAsync("UUID");
        await Assertions.Expect(Entry(system, "content").Locator(".error")).ToContainTextAsync("is required");
        await Assertions.Expect(system.Page.GetByLabel("senderId")).ToHaveValueAsync("nobody"); // What was typed stays.
        await system.Page.Button("Fill in an example").ClickAsync();
        await system.Page.Locator("summary").ClickAsync();
        await system.Page.GetByLabel("jobId").FillAsync("typed-in");
        await system.Page.GetByLabel("priority").SelectOptionAsync("HIGH");
        await system.Page.Button("Add job").ClickAsync();
        await Assertions.Expect(system.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/jobs/typed-in$"));
        await system.Page.SaysAsync("The job is added.");
        Assert.Equal(JobPriority.High, (await system.RecordAsync(Jobs.Delivery, "typed-in"))!.Priority);

        await system.Page.GotoAsync("/schedules");
        await system.Page.Link("New schedule …").ClickAsync();
        var name = $"typed-in-{Guid.NewGuid():N}"; // The system is shared, and its schedules stay.
        await system.Page.Locator("#id").FillAsync(name);
        await system.Page.GetByLabel("cron").FillAsync("soon");
        await system.Page.Button("Fill in an example").ClickAsync();
        await system.Page.Button("Make schedule").ClickAsync();
        await Assertions.Expect(Entry(system, "cron").Locator(".error")).ToContainTextAsync("must be a cron expression");
        await system.Page.GetByLabel("cron").FillAsync("0 2 1 1 *");
        await system.Page.Button("Make schedule").ClickAsync();
        await system.Page.SaysAsync($"{name} is made.");

        await system.Page.Link($"Edit {name}").ClickAsync();
        await Assertions.Expect(system.Page.GetByLabel("cron")).ToHaveValueAsync("0 2 1 1 *");
        await system.Page.GetByLabel("senderId").IsGoneAsync(); // Its job is not shown, and stays.
        await system.Page.GetByLabel("cron").FillAsync("0 3 1 1 *");
        await system.Page.Button("Change schedule").ClickAsync();
        await system.Page.SaysAsync($"{name} is changed.");
        await system.Page.GetByText("0 3 1 1 *").ShowsAsync();
        await system.Page.Button($"Remove {name}").ClickAsync();
        await system.Page.AnswerAsync("Remove");
        await system.Page.SaysAsync($"{name} is removed.");
    }

    private static ILocator Entry(DashboardSystem system, string field) => system.Page.Locator(".entry").Filter(new() { Has = system.Page.GetByLabel(field) });
}
