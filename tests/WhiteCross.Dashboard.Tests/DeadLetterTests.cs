using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Dashboard.Tests;

public sealed class DeadLetterTests(Browser browser)
{
    private const string Full = "Mailbox 17 is full.";

    private async Task<DashboardSystem> StartAsync(IReadOnlyDictionary<string, string?>? settings = null, int full = 2)
    {
        var system = await DashboardSystem.StartAsync(browser, settings: settings ?? DashboardSystem.AtOnce);
        await system.PutFailedAsync("full-1", Full);
        for (var i = 2; i <= full; i++)
        {
            await system.PutFailedAsync($"full-{i}", $"Mailbox {i} is full.");
        }

        await system.PutFailedAsync("away", "Server is away.");
        await system.PauseAsync(); // What is replayed waits; from here on nothing begins.
        await system.OpenAsync("/dead-letters");
        return system;
    }

    private static async Task<JobState?> StateAsync(DashboardSystem system, string id) => (await system.RecordAsync(Jobs.Notification, id))?.State;

    [Fact]
    public async Task Failed_jobs_are_grouped_by_reason_and_a_group_is_replayed()
    {
        await using var system = await StartAsync();
        await system.Page.GetByText("3 failed jobs, 2 reasons.").ShowsAsync();

        await system.Page.GetByRole(AriaRole.Button, new() { Name = "Replay group of message-notification: Mailbox" }).ClickAsync();
        await system.Page.Question().GetByText("Replay 2 jobs?").ShowsAsync();
        await system.Page.AnswerAsync("Replay");

        await system.Page.SaysAsync("2 jobs wait again.");
        await system.Page.GetByText("1 failed job, 1 reason.").ShowsAsync();
        Assert.Equal((JobState.Paused, JobState.Paused, JobState.Failed), (await StateAsync(system, "full-1"), await StateAsync(system, "full-2"), await StateAsync(system, "away")));
    }

    [Fact]
    public async Task A_selection_over_queues_is_replayed_and_undone_as_one()
    {
        await using var system = await StartAsync(new Dictionary<string, string?> { ["Dashboard:UndoSeconds"] = "300" });
        await system.PutFailedAsync("other", "x", queue: Jobs.Delivery);
        await system.Page.GetByLabel("Select all of message-notification: Mailbox").CheckAsync();
        await system.Page.GetByLabel("Select all of message-delivery: x").CheckAsync();
        await system.Page.Button("Replay selected").ClickAsync();
        await system.Page.AnswerAsync("Replay");

        await system.Page.SaysAsync("3 failed jobs wait again in 300 seconds.");
        await system.Page.Keyboard.PressAsync("u");
        await system.Page.SaysAsync("Undone: 3 jobs stay failed.");
        Assert.Equal((3L, 1L), ((await system.MetricsAsync(Jobs.Notification)).Failed, (await system.MetricsAsync(Jobs.Delivery)).Failed));
    }

    [Fact]
    public async Task One_job_is_replayed()
    {
        await using var system = await StartAsync();
        await system.Page.Button("Replay away").ClickAsync();
        await system.Page.SaysAsync("1 job waits again.");
        Assert.Equal(JobState.Paused, await StateAsync(system, "away"));
    }

    [Fact]
    public async Task A_selection_is_replayed_at_a_rate_and_can_be_stopped()
    {
        await using var system = await StartAsync(full: 30);
        await system.Page.GetByText("31 failed jobs, 2 reasons.").ShowsAsync();
        await system.Page.GetByLabel("Select all of message-notification: Mailbox").CheckAsync();
        await system.Page.GetByRole(AriaRole.Combobox, new() { Name = "Replay speed" }).SelectOptionAsync("1 a second");
        await system.Page.Button("Replay selected").ClickAsync();
        await system.Page.AnswerAsync("Replay");

        await system.Page.GetByText(new Regex(@"^[1-9]\d* of 30")).ShowsAsync();
        await system.Page.ReloadAsync(); // It goes on without the page, and is there again with it.
        await system.Page.Button("Stop").ClickAsync();
        await system.Page.SaysAsync("Stopped");
        await system.Page.GetByText(new Regex(@"stopped: \d+ of 30")).ShowsAsync();
        Assert.InRange((await system.MetricsAsync(Jobs.Notification)).Failed, 2, 30);
    }

    [Fact]
    public async Task What_is_discarded_is_asked_for_with_a_reason_which_is_in_the_audit_log()
    {
        await using var system = await StartAsync();
        await system.Page.Button("Discard away").ClickAsync();
        await system.Page.AnswerAsync("Cancel");
        Assert.Equal(JobState.Failed, await StateAsync(system, "away"));

        await system.Page.Button("Discard away").ClickAsync();
        await system.Page.AnswerAsync("Discard");
        await system.Page.Question().ShowsAsync(); // Not without a reason.
        await system.Page.GetByLabel("Why, for the audit log").FillAsync("Sent by post & fax.");
        await system.Page.AnswerAsync("Discard");

        await system.Page.SaysAsync("1 job discarded.");
        Assert.Null(await StateAsync(system, "away"));
        Assert.Equal(JobState.Failed, await StateAsync(system, "full-1"));
        var audit = await system.Gateway.GetFromJsonAsync<JsonObject>("/queue/audit?limit=1", TestContext.Current.CancellationToken);
        var (action, target, reason) = Entry(audit!["entries"]![0]!);
        Assert.Equal(("DiscardFailure", "Sent by post & fax."), (action, reason));
        Assert.StartsWith("send-notification:", target, StringComparison.Ordinal);
    }

    private static (string?, string?, string?) Entry(JsonNode entry) => ((string?)entry["action"], (string?)entry["target"], (string?)entry["reason"]);
}
