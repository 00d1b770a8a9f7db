using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace WhiteCross.Dashboard.Tests;

public sealed class OverviewTests(Browser browser)
{
    private static ILocator Card(DashboardSystem system, string queue) => system.Page.GetByRole(AriaRole.Region, new() { Name = queue, Exact = true });

    [Fact]
    public async Task A_job_that_runs_shows_up_without_a_reload()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.OpenAsync("/");
        await system.Page.Heading(Jobs.Delivery).ShowsAsync();

        await system.AddAsync(Jobs.Delivery, Jobs.Message());

        var card = Card(system, Jobs.Delivery);
        await card.GetByRole(AriaRole.Link, new() { Name = "1 completed" }).ShowsAsync();
        await Assertions.Expect(card.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", "message-delivery: 1 completed and 0 failed in the last hour; at most 1 a minute");
        await card.GetByText("Last hour: 1 job, at most 1 a minute, 0 % failed").ShowsAsync();

        // It may have been in use when the service last said so; the page looks at that every ten seconds.
        await Assertions.Expect(card.GetByText("1 worker, 0 of 10 slots in use")).ToBeVisibleAsync();
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task A_queue_on_which_nobody_works_says_so()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.Page.RouteAsync("**/queue/workers", async route =>
        {
            var answer = await system.Gateway.GetFromJsonAsync<JsonObject>("/queue/workers", TestContext.Current.CancellationToken);
            answer!["queues"]![Jobs.Delivery]!["workers"] = new JsonArray();
            await route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = answer.ToJsonString() });
        });
        await system.OpenAsync("/");

        await Card(system, Jobs.Delivery).GetByText("No worker: its service is not running.").ShowsAsync();
        await Card(system, Jobs.Notification).GetByText("1 worker, 0 of 15 slots in use").ShowsAsync();
    }

    [Fact]
    public async Task A_provider_that_is_away_and_a_setting_that_was_forgotten_are_pointed_out()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.Page.RouteAsync("**/queue/message-notification/providers", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/json",
            Body = """
                {"providers":[{"provider":"email","isAway":true,"openSince":"2026-01-31T08:00:00Z","nextTry":"2026-01-31T08:05:00Z","waiting":12},
                              {"provider":"sms","isAway":false,"openSince":null,"nextTry":null,"waiting":0}],
                 "warnings":["Push:ServiceAccountFile is not set: push notifications cannot be sent, their jobs fail."]}
                """,
        }));
        await system.OpenAsync("/");

        var alerts = system.Page.GetByRole(AriaRole.Region, new() { Name = "Alerts" });
        await alerts.GetByText("waits for its provider email").ShowsAsync();
        await alerts.GetByText("12 notifications wait").ShowsAsync();
        await alerts.GetByText("Push:ServiceAccountFile is not set").ShowsAsync();
        await Assertions.Expect(alerts.GetByText("provider sms")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_queue_is_paused_and_the_pause_undone()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.OpenAsync("/");

        await system.Page.Button("Pause message-notification").ClickAsync();
        await system.Page.SaysAsync("message-notification is paused");
        await Card(system, Jobs.Notification).GetByText("paused", new() { Exact = true }).ShowsAsync();
        Assert.True((await system.MetricsAsync(Jobs.Notification)).IsPaused);

        await system.Page.Button("Undo").ClickAsync();
        await system.Page.SaysAsync("message-notification is running again");
        Assert.False((await system.MetricsAsync(Jobs.Notification)).IsPaused);
    }

    [Fact]
    public async Task What_needs_attention_is_pointed_out_and_leads_to_it()
    {
        await using var system = await DashboardSystem.StartAsync(browser, settings: new Dictionary<string, string?> { ["Dashboard:AlertFailed"] = "0", ["Dashboard:AlertFailureRate"] = "0.5" });
        await system.OpenAsync("/");
        await system.Page.GetByText("Nothing needs attention.").ShowsAsync();

        await system.PutFailedAsync("broken", "No such mailbox.");

        var alerts = system.Page.GetByRole(AriaRole.Region, new() { Name = "Alerts" });
        await alerts.GetByText("has 1 failed job (limit 0)").ShowsAsync();
        await alerts.GetByText("fails 100 % of its jobs (limit 50 %)").ShowsAsync();
        await alerts.GetByRole(AriaRole.Link).First.ClickAsync();
        await system.Page.Link("broken").ShowsAsync();
        Assert.EndsWith("/queues/message-notification?state=failed", system.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_been_wrong_is_listed_with_its_reason()
    {
        await using var system = await DashboardSystem.StartAsync(browser, settings: new Dictionary<string, string?> { ["Health:MaxFailed"] = "0", ["Health:MaxFailureRate"] = "1" });
        await system.OpenAsync("/");
        var changes = system.Page.GetByRole(AriaRole.Region, new() { Name = "Changes of health" });
        await changes.ShowsAsync();

        await system.PutFailedAsync("broken", "No such mailbox.");

        // The gateway looks every five seconds, and the page at what did not change by itself every ten.
        await Assertions.Expect(changes.GetByText("1 jobs have failed (limit 0).")).ToBeVisibleAsync();
        await changes.GetByRole(AriaRole.Link, new() { Name = Jobs.Notification }).ShowsAsync();
        await changes.GetByText("degraded", new() { Exact = true }).ShowsAsync();
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task The_numbers_are_those_of_the_api()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutAsync("later", delay: TimeSpan.FromHours(1));
        await system.PutFailedAsync("broken-1", "x");
        await system.PutFailedAsync("broken-2", "x");
        await system.CompleteAsync(await RunAsync(system, "good"));
        await RunAsync(system, "running");
        await system.OpenAsync("/");

        foreach (var (state, jobs) in new[] { ("waiting", 0), ("active", 1), ("delayed", 1), ("completed", 1), ("failed", 2) })
        {
            await Card(system, Jobs.Notification).GetByRole(AriaRole.Link, new() { Name = $"{jobs} {state}" }).ShowsAsync();
        }

        await Assertions.Expect(system.Page.GetByRole(AriaRole.List, new() { Name = "All queues" }).GetByRole(AriaRole.Listitem))
            .ToHaveTextAsync(["0waiting", "1active", "1delayed", "1completed", "2failed", "0paused"]);
    }

    private static async Task<WhiteCross.Jobs.Store.JobRun> RunAsync(DashboardSystem system, string jobId)
    {
        await system.PutAsync(jobId);
        return await system.BeginAsync(jobId);
    }
}
