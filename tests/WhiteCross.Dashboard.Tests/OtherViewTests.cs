using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Dashboard.Tests;

public sealed class OtherViewTests(Browser browser)
{
    [Fact]
    public async Task A_batch_shows_how_far_it_is_and_is_cancelled_after_asking()
    {
        const string Queue = "batch-message-sending";
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutAsync("campaign", Queue, "batch-send");
        var run = await system.BeginAsync("campaign", Queue);
        await system.OpenAsync("/batches");
        await system.ReportAsync(run, new JobProgress(25, "sending", 1, 4), "chunk 1", Queue);
        await system.Page.ReloadAsync();

        await system.Page.GetByText("25 % · chunk 1 of 4 · sending").ShowsAsync();
        await system.Page.Button("Cancel batch campaign").ClickAsync();
        await system.Page.AnswerAsync("Cancel batch");
        await system.Page.SaysAsync("Batch campaign is cancelled.");
        Assert.Equal(Jobs.LeaseIsCancelled, (await system.Store.RenewAsync(Queue, [run.Key], TestContext.Current.CancellationToken))[0]);
    }

    [Fact]
    public async Task A_batch_whose_id_is_not_its_jobs_is_followed_paused_and_resumed()
    {
        const string Queue = "batch-message-sending";
        await using var system = await DashboardSystem.StartAsync(browser, own: true); // Its recipients take longer than the test.
        await system.AddAsync(Queue, Campaign(100, new() { ["batchId"] = Guid.NewGuid().ToString(), ["chunkSize"] = 1, ["chunkDelay"] = 1000 }));
        await system.OpenAsync("/batches");

        var card = system.Page.GetByRole(AriaRole.Region, new() { Name = "Batch campaign" });
        await card.GetByText("Recipients").ShowsAsync();
        await system.Page.Button("Resume batch campaign").IsGoneAsync();
        await system.Page.Button("Pause batch campaign").ClickAsync();
        await system.Page.Button("Pause batch campaign").IsGoneAsync();
        await Assertions.Expect(card.Locator(".badge")).ToHaveTextAsync("paused");

        // The job lets go of its slot; the batch is still to be resumed.
        await system.ComesToAsync(Queue, "campaign", JobState.Delayed);
        await system.Page.ReloadAsync();
        await system.Page.Button("Resume batch campaign").ClickAsync();
        await system.Page.SaysAsync("Batch campaign goes on.");
        await system.Page.Button("Pause batch campaign").ShowsAsync();
    }

    [Fact]
    public async Task A_batch_that_has_ended_shows_what_was_delivered_and_leads_to_its_messages_and_back()
    {
        const string Queue = "batch-message-sending";
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.AddAsync(Queue, Campaign(2, new() { ["createConversations"] = true }));
        await system.ComesToAsync(Queue, "campaign", JobState.Completed);
        await system.OpenAsync("/batches");

        var delivered = system.Page.GetByRole(AriaRole.Region, new() { Name = "Batch campaign" }).Locator("dl > div")
            .Filter(new() { Has = system.Page.GetByText("Delivered", new() { Exact = true }) });
        await Assertions.Expect(delivered.GetByRole(AriaRole.Definition)).ToHaveTextAsync("2");
        await system.Page.Link("campaign").ClickAsync();
        await system.Page.Link("of this batch").ClickAsync();
        await Assertions.Expect(system.Page.Locator("tbody tr")).ToHaveCountAsync(2);
        await system.Page.Locator("tbody a").First.ClickAsync();
        await system.Page.Link("campaign").ClickAsync();
        Assert.EndsWith("/queues/batch-message-sending/jobs/campaign", system.Page.Url, StringComparison.Ordinal);
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task A_schedule_is_run_disabled_enabled_and_removed()
    {
        const string id = "reminders";
        await using var system = await DashboardSystem.StartAsync(browser);
        using var added = await system.Gateway.PostAsJsonAsync(
            "/queue/message-notification/schedules", new { id, every = 3_600_000, job = Jobs.Notice() }, TestContext.Current.CancellationToken);
        added.EnsureSuccessStatusCode();
        await system.OpenAsync("/schedules");
        var rows = system.Page.Locator("tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(4);
        await Assertions.Expect(system.Page.GetByRole(AriaRole.Button, new() { Name = "Remove" })).ToHaveCountAsync(1);

        await system.Page.Button($"Disable {id}").ClickAsync();
        await system.Page.SaysAsync($"{id} is disabled.");
        await rows.GetByText("disabled").ShowsAsync();
        await system.Page.Button($"Enable {id}").ClickAsync();
        await system.Page.SaysAsync($"{id} is enabled.");
        await system.Page.Button($"Run now: {id}").ClickAsync();
        await system.Page.SaysAsync($"{id} has added its job.");
        Assert.Equal(1, (await system.MetricsAsync(Jobs.Notification)).Added);

        await system.Page.Button($"Remove {id}").ClickAsync();
        await system.Page.AnswerAsync("Remove");
        await Assertions.Expect(rows).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task The_feed_shows_changes_as_they_happen_and_can_be_held()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.OpenAsync("/live");
        await system.PutAsync("first", delay: TimeSpan.FromHours(1));
        await system.Page.Link("first").ShowsAsync();

        await system.Page.Button("Hold").ClickAsync();
        await system.PutAsync("second", delay: TimeSpan.FromHours(1));
        await system.Page.Button("Go on (1 missed)").ClickAsync();
        await system.PutAsync("third", delay: TimeSpan.FromHours(1));
        await system.Page.Link("third").ShowsAsync();
        await system.Page.Link("second").IsGoneAsync();

        await system.Page.GetByLabel("State").SelectOptionAsync("failed");
        await system.PutFailedAsync("fourth", "x");
        await system.Page.Link("fourth").ShowsAsync();
        await Assertions.Expect(system.Page.Locator(".feed li")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Everything_is_reached_from_the_keyboard()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("one", "x");
        await system.PutFailedAsync("two", "x");
        await system.OpenAsync("/");
        var keys = system.Page.Keyboard;

        await system.Page.Heading("Overview").ShowsAsync();
        foreach (var (key, title) in new[] { ("d", "Dead letters"), ("b", "Batches"), ("s", "Schedules"), ("l", "Live"), ("o", "Overview"), ("2", Jobs.Notification) })
        {
            await keys.PressAsync("g");
            await keys.PressAsync(key);
            await system.Page.GetByRole(AriaRole.Heading, new() { Name = title, Level = 1 }).ShowsAsync();
        }

        await system.Page.Link("one").ShowsAsync();
        await keys.PressAsync("j");
        await keys.PressAsync("j");
        await Assertions.Expect(system.Page.Locator("tbody tr").Nth(1).GetByRole(AriaRole.Link)).ToBeFocusedAsync();
        await keys.PressAsync("x");
        await system.Page.GetByText("1 job selected").ShowsAsync();
        await keys.PressAsync("k");
        await Assertions.Expect(system.Page.Locator("tbody tr").Nth(0).GetByRole(AriaRole.Link)).ToBeFocusedAsync();
        await keys.PressAsync("/");
        await Assertions.Expect(system.Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await keys.TypeAsync("g?");
        await Assertions.Expect(system.Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("g?");
        await system.Page.Heading(Jobs.Notification).ClickAsync();
        await keys.PressAsync("?");
        await system.Page.Question().GetByText("Next / previous in a list").ShowsAsync();
        await keys.PressAsync("Escape");
        await system.Page.Question().IsGoneAsync();
    }

    [Fact]
    public async Task The_colours_are_the_readers_choice_and_stay_it()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.OpenAsync("/");
        await system.Page.Button("Colours: as the system").ClickAsync();
        await system.Page.Button("Colours: light").ClickAsync();
        await system.Page.Button("Colours: dark").ShowsAsync();
        await system.Page.ReloadAsync();
        await Assertions.Expect(system.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Assertions.Expect(system.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(15, 20, 24)");
    }

    [Fact]
    public async Task A_Redis_and_a_gateway_that_go_away_are_told_of_in_a_line_and_found_again_by_the_page_itself()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.PutFailedAsync("zero", "x");
        await system.OpenAsync("/");
        await system.Page.GetByRole(AriaRole.Link, new() { Name = "1 failed" }).ShowsAsync();

        // As the gateway answers whatever reads while Redis is away.
        await system.Page.RouteAsync("**/queue/metrics", route => route.FulfillAsync(new RouteFulfillOptions
        {
            Status = 503,
            ContentType = "application/problem+json",
            Body = """{ "type": "urn:whitecross:problem:job-store-away", "status": 503, "detail": "The job store (Redis) does not answer, so nothing can be read now." }""",
        }));
        var alert = system.Page.GetByRole(AriaRole.Alert);
        await Assertions.Expect(alert).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^Redis, which holds all jobs, is away: .* What is shown is from [0-9:]{8}; this page looks again by itself.$"));
        await system.Page.GetByRole(AriaRole.Link, new() { Name = "1 failed" }).ShowsAsync(); // What was known stays.
        await system.Page.UnrouteAsync("**/queue/metrics");
        await alert.IsGoneAsync();

        await system.Page.RouteAsync("**/queue/**", route => route.AbortAsync());
        await system.PutFailedAsync("one", "x");
        await system.Page.GetByRole(AriaRole.Alert).GetByText("The gateway does not answer.").ShowsAsync();

        await system.Page.UnrouteAsync("**/queue/**");
        await system.PutFailedAsync("two", "x");
        await system.Page.GetByRole(AriaRole.Link, new() { Name = "3 failed" }).ShowsAsync();
        await alert.IsGoneAsync();
    }

    private static JsonObject Campaign(int recipients, JsonObject data)
    {
        data["senderId"] = Guid.NewGuid().ToString();
        data["recipientIds"] = new JsonArray([.. Enumerable.Range(0, recipients).Select(_ => (JsonNode)Guid.NewGuid().ToString())]);
        data["content"] = Jobs.Secret;
        return new JsonObject { ["jobId"] = "campaign", ["type"] = "batch-send", ["data"] = data };
    }
}
