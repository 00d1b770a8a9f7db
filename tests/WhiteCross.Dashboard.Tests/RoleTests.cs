using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>What one may not do is not offered: on 10,000 failed jobs, as viewer, operator and admin.</summary>
public sealed class RoleTests(Browser browser)
{
    private const string ViewerKey = "a-key-for-viewers-of-32-letters!";
    private const string OperatorKey = "a-key-for-operators-32-letters!!";
    private const string AdminKey = "a-key-for-admins-of-32-letters!!";

    private static readonly string[] Letters = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_offered_what_its_role_may_do_and_told_as_whom_it_is_signed_in()
    {
        await using var system = await DashboardSystem.StartAsync(browser, Signed(ViewerKey), Keys(), await FullStoreAsync());

        await system.OpenAsync("/dead-letters");
        await system.Page.GetByText("10,000 failed jobs, 100 reasons.").ShowsAsync();
        await system.Page.GetByText("desk-viewer · viewer").ShowsAsync();
        await system.Page.Link("Sign out").ShowsAsync();
        foreach (var action in (string[])["Replay", "Edit", "Mute", "Discard"])
        {
            await system.Page.Locator("main").GetByRole(AriaRole.Button, new() { Name = action }).IsGoneAsync();
        }

        await Assertions.Expect(system.Page.Link("Audit")).ToBeHiddenAsync();
        await system.OpenAsync("/queues/message-notification?state=failed");
        await system.Page.GetByText("job-9999").ShowsAsync();
        await system.Page.Button("Pause").IsGoneAsync();
        await system.Page.Link("Add a job …").IsGoneAsync();
        await system.OpenAsync("/queues/message-notification/add");
        await system.Page.GetByText("takes the role operator").ShowsAsync();
        await system.Page.GetByRole(AriaRole.Textbox).IsGoneAsync();
        await system.OpenAsync("/schedules");
        await system.Page.GetByText("nightly-old-messages").ShowsAsync();
        await system.Page.Link("New schedule …").IsGoneAsync();
        await system.OpenAsync("/queues/message-notification/jobs/job-9999");
        await system.Page.Heading("Attempts").ShowsAsync();
        await system.Page.Button("Reveal").IsGoneAsync();

        await using var operating = await browser.NewContextAsync(Signed(OperatorKey, system.Gateway.BaseAddress));
        var page = await operating.NewPageAsync();
        await page.GotoAsync("/dead-letters");
        await page.GetByText("desk-operator · operator").ShowsAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay group of" }).ShowsAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit message-notification" }).ShowsAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard" }).IsGoneAsync();

        await using var administering = await browser.NewContextAsync(Signed(AdminKey, system.Gateway.BaseAddress));
        var admin = await administering.NewPageAsync();
        await admin.GotoAsync("/audit");
        await admin.GetByText("The log is whole").ShowsAsync();
        await admin.Link("Dead letters").ClickAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Discard group of" }).ShowsAsync();
        Assert.Empty(system.Complaints);
    }

    private static BrowserNewContextOptions Signed(string key, Uri? address = null) =>
        new() { HttpCredentials = new HttpCredentials { Username = "desk", Password = key, Send = HttpCredentialsSend.Always }, BaseURL = address?.ToString() };

    private static Dictionary<string, string?> Keys()
    {
        var settings = new Dictionary<string, string?>();
        foreach (var (i, name, key) in new[] { (0, "viewer", ViewerKey), (1, "operator", OperatorKey), (2, "admin", AdminKey) })
        {
            settings[$"Access:ApiKeys:{i}:Name"] = $"desk-{name}";
            settings[$"Access:ApiKeys:{i}:Key"] = key;
            settings[$"Access:ApiKeys:{i}:Role"] = name;
        }

        return settings;
    }

    private static async Task<InMemoryJobStore> FullStoreAsync()
    {
        var store = new InMemoryJobStore(name =>
        {
            var options = JobQueues.DefaultOptions(name);
            options.KeepFailed = 20_000;
            return options;
        });
        foreach (var some in Enumerable.Range(0, 10_000).Chunk(1_000))
        {
            await store.AddAsync(
                Jobs.Notification,
                [.. some.Select(i => new NewJob
                {
                    JobId = $"job-{i}",
                    Type = "send-notification",
                    Data = "{}"u8.ToArray(),

                    // Numbers do not tell causes apart; letters do.
                    Error = new JobError($"Provider {Letters[i % 10]}{Letters[i / 10 % 10]} refused it.", Code: JobErrorCodes.Invalid),
                })],
                Cancellation);
        }

        return store;
    }
}
