using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;

namespace WhiteCross.Dashboard.Tests;

/// <summary>Every view with an hour's work on record: free of serious accessibility findings, on a desk and on a phone, in light and in dark; and the documentation's pictures.</summary>
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
        ("find", "/find"),
        ("workers", "/workers"),
        ("audit", "/audit"),
        ("live", "/live"),
    ];

    private static readonly (ColorScheme Colours, int Width, string Suffix)[] Screens =
    [
        (ColorScheme.Light, 1440, ""), (ColorScheme.Dark, 1440, "-dark"), (ColorScheme.Dark, 390, "-phone-dark"), (ColorScheme.Light, 390, "-phone"),
    ];

    [Fact]
    public async Task Every_view_is_accessible_and_fits_each_screen()
    {
        var time = new ShiftedTime();
        var store = new InMemoryJobStore(Jobs.LongLeases, time);
        var hour = new BusyHour(store, time);
        await hour.RecordAsync();
        await using var system = await DashboardSystem.StartAsync(browser, store: store);
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

            foreach (var (colours, width, suffix) in Screens)
            {
                await system.Page.EmulateMediaAsync(new() { ColorScheme = colours });
                await system.Page.SetViewportSizeAsync(width, 900);
                await TakePictureAsync(system.Page, name + suffix);

                // In the dark only colours differ.
                var findings = await system.Page.RunAxe(colours == ColorScheme.Dark ? new AxeRunOptions { RunOnly = RunOnlyOptions.Rules("color-contrast") } : new AxeRunOptions());
                var serious = findings.Violations.Where(finding => finding.Impact is "serious" or "critical").Select(Describe).ToList();
                Assert.True(serious.Count == 0, $"{name}{suffix}: {string.Join("; ", serious)}");
                var overflow = await system.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
                Assert.True(overflow <= 0, $"{name}{suffix} is {overflow} px wider than the window.");
            }
        }

        Assert.Empty(system.Complaints);
    }

    private static string Describe(AxeResultItem finding) => $"{finding.Id}: {string.Join(", ", finding.Nodes.Select(node => node.Html))}";

    private static async Task TakePictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable(PicturesVariable) is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = name.Contains("-phone", StringComparison.Ordinal) });
        }
    }
}
