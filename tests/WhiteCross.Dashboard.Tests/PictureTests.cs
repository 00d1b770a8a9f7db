using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;

namespace WhiteCross.Dashboard.Tests;

/// <summary>Every view with an hour's work on record: free of serious accessibility findings, in light, dark and on a phone; and the documentation's pictures.</summary>
public sealed class PictureTests(Browser browser)
{
    /// <summary>Set to a folder, the pictures are written there; else nowhere.</summary>
    private const string PicturesVariable = "DASHBOARD_PICTURES";

    private static readonly (string Name, string Address)[] Views =
    [
        ("batches", "/batches"),
        ("overview", "/"),
        ("queue", "/queues/message-notification?state=failed"),
        ("queue-week", "/queues/message-notification?span=7d"),
        ("add-job", "/queues/message-notification/add"),
        ("job", $"/queues/message-notification/jobs/{BusyHour.FailedNotification}"),
        ("dead-letters", "/dead-letters"),
        ("schedules", "/schedules"),
        ("new-schedule", "/schedules/new"),
        ("live", "/live"),
    ];

    [Theory]
    [InlineData(ColorScheme.Light, 1280, "")]
    [InlineData(ColorScheme.Dark, 1280, "-dark")]
    [InlineData(ColorScheme.Light, 390, "-phone")]
    public async Task Every_view_is_accessible_and_fits(ColorScheme colours, int width, string suffix)
    {
        var time = new ShiftedTime();
        var store = new InMemoryJobStore(Jobs.LongLeases, time);
        var hour = new BusyHour(store, time);
        await hour.RecordAsync();
        await using var system = await DashboardSystem.StartAsync(
            browser, new BrowserNewContextOptions { ColorScheme = colours, ViewportSize = new() { Width = width, Height = 900 } }, store: store);
        await hour.BeginAsync();
        foreach (var (name, address) in Views)
        {
            await system.OpenAsync(address);
            await Assertions.Expect(system.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            if (name == "live")
            {
                await system.AddAsync(Jobs.Delivery, Jobs.Message("hello-from-the-ward"));
                await Assertions.Expect(system.Page.GetByRole(AriaRole.Link, new() { Name = "hello-from-the-ward" }).First).ToBeVisibleAsync();
            }

            await TakePictureAsync(system.Page, name + suffix);
            var findings = await system.Page.RunAxe();
            var serious = findings.Violations.Where(finding => finding.Impact is "serious" or "critical").Select(Describe).ToList();
            Assert.True(serious.Count == 0, $"{name}: {string.Join("; ", serious)}");
            var overflow = await system.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            Assert.True(overflow <= 0, $"{name} is {overflow} px wider than the window.");
        }

        Assert.Empty(system.Complaints);
    }

    private static string Describe(AxeResultItem finding) => $"{finding.Id}: {string.Join(", ", finding.Nodes.Select(node => node.Html))}";

    private static async Task TakePictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable(PicturesVariable) is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = name.EndsWith("-phone", StringComparison.Ordinal) });
        }
    }
}
