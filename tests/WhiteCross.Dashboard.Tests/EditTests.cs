using Microsoft.Playwright;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>Failed jobs whose data is changed before they are retried.</summary>
public sealed class EditTests(Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static NewJob Invalid(string id) => new()
    {
        JobId = id,
        Type = "send-message",
        Data = System.Text.Encoding.UTF8.GetBytes($$"""{"messageId":"{{Guid.NewGuid()}}","senderId":"{{Guid.NewGuid()}}","recipientId":"{{Guid.NewGuid()}}","conversationId":"{{Guid.NewGuid()}}","content":""}"""),
        Error = new JobError("content is required", Code: JobErrorCodes.Invalid),
    };

    [Fact]
    public async Task One_job_is_edited_its_difference_is_shown_and_it_is_retried()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.Store.PauseAsync(Jobs.Delivery, Cancellation);
        await system.Store.AddAsync(Jobs.Delivery, [Invalid("one")], Cancellation);
        await system.OpenAsync("/queues/message-delivery/jobs/one");

        await system.Page.Button("Edit and retry …").ClickAsync();
        await system.Page.GetByLabel("Why, for the audit log").FillAsync("lost text");
        await system.Page.Keyboard.PressAsync("Enter");
        var data = system.Page.GetByLabel("Data", new() { Exact = true });
        await system.Page.AnswerCheckAsync();
        await system.Page.Question().GetByText("data.content").ShowsAsync();
        await data.FillAsync((await data.InputValueAsync()).Replace("\"content\": \"\"", "\"content\": \"found again\"", StringComparison.Ordinal));
        await system.Page.AnswerCheckAsync();
        await system.Page.Question().GetByText("It is valid.").ShowsAsync();
        await system.Page.Question().GetByRole(AriaRole.Cell, new() { Name = "found again" }).ShowsAsync();
        await system.Page.AnswerAsync("Retry with this data");

        await system.Page.SaysAsync("The job waits again with the changed data.");
        var job = (await system.RecordAsync(Jobs.Delivery, "one"))!;
        Assert.Equal((JobState.Paused, "found again"), (job.State, job.Data.GetProperty("content").GetString()));
        Assert.Empty(system.Complaints);
    }

    [Fact]
    public async Task A_group_is_tried_dry_and_edited()
    {
        await using var system = await DashboardSystem.StartAsync(browser);
        await system.Store.PauseAsync(Jobs.Delivery, Cancellation);
        await system.Store.AddAsync(Jobs.Delivery, [.. Enumerable.Range(1, 30).Select(i => Invalid($"job-{i}"))], Cancellation);
        await system.OpenAsync("/dead-letters");

        await system.Page.Button("Edit message-delivery: content is required").ClickAsync();
        await system.Page.Question().GetByRole(AriaRole.Button, new() { Name = "Dry run" }).ClickAsync();
        await system.Page.Question().GetByText("30 jobs: 0 would be valid, 30 would still fail.").ShowsAsync();
        await system.Page.GetByLabel("Field, such as").FillAsync("content");
        await system.Page.GetByLabel("Value").FillAsync("see the letter");
        await system.Page.Question().GetByRole(AriaRole.Button, new() { Name = "Dry run" }).ClickAsync();
        await system.Page.Question().GetByText("30 jobs: 30 would be valid, 0 would still fail.").ShowsAsync();
        await system.Page.GetByLabel("Why, for the audit log").FillAsync("lost text");

        // What is refused is said where it was typed, and can be put right.
        await system.Page.GetByLabel("Field, such as").FillAsync("content..text");
        await system.Page.GetByLabel("Field, such as").PressAsync("Enter");
        await system.Page.Question().GetByRole(AriaRole.Alert).GetByText("has a name that is none").ShowsAsync();
        await system.Page.GetByLabel("Field, such as").FillAsync("content");
        await system.Page.GetByLabel("Field, such as").PressAsync("Enter");

        await system.Page.SaysAsync("30 jobs wait again with the change.");
        Assert.Equal((30L, 0L), ((await system.MetricsAsync(Jobs.Delivery)).Paused, (await system.MetricsAsync(Jobs.Delivery)).Failed));
    }
}
