using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Tests;

/// <summary><c>wc tail</c>.</summary>
public sealed class TailTests(CliSystem system)
{
    [Fact]
    public async Task A_queues_changes_are_shown_as_they_happen()
    {
        var (end, output) = system.Tool().Start("tail", "message-delivery", "--json", "--count", "2");
        await AddUntilAsync(() => end.IsCompleted);

        var lines = (await end).Well().JsonLines;

        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.Equal("message-delivery", line["queue"]!.GetValue<string>()));
        // Other tests work on jobs of this queue meanwhile, and remove some.
        Assert.All(lines, line => Assert.Contains(line["event"]!.GetValue<string>(), (string[])["state", "progress", "log", "removed"]));
        Assert.DoesNotContain(JobFiles.Secret, output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_queues_changes_are_shown_until_somebody_interrupts()
    {
        var isSeen = false;
        var run = system.Tool().RunUntilAsync(text => isSeen = text.Contains("completed", StringComparison.Ordinal), "tail");
        await AddUntilAsync(() => isSeen);

        Assert.Equal(ExitCodes.Interrupted, (await run).ExitCode);
    }

    [Fact]
    public async Task A_job_is_followed_to_its_end()
    {
        var id = await system.AddAsync(JobFiles.Batch(30));

        var lines = (await system.RunAsync("tail", "--job", id, "--json")).Well().JsonLines;

        Assert.Equal("completed", lines[^1]["state"]!.GetValue<string>());
        Assert.All(lines, line => Assert.Null(line["progress"]?["data"]));
        Assert.Equal(ExitCodes.JobFailed, (await system.RunAsync("tail", "--job", await system.AddAsync(JobFiles.Failing()))).ExitCode);
    }

    [Fact]
    public async Task A_job_that_is_removed_meanwhile_is_said_to_be()
    {
        var id = await system.AddAsync(JobFiles.SendMessage(), "--delay", "1h");
        var (end, output) = system.Tool().Start("tail", "--job", id);
        var isShown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        output.Written += _ => isShown.TrySetResult();
        if (output.Text.Length == 0)
        {
            await isShown.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }

        (await system.RunAsync("remove", id, "--yes")).Well();

        (await end).Refused(ExitCodes.NotFound, "has been removed");
    }

    [Fact]
    public async Task What_is_not_there_is_not_waited_for()
    {
        (await system.RunAsync("tail", "nowhere")).Refused(ExitCodes.NotFound, "There is no queue 'nowhere'");
        (await system.RunAsync("tail", "--job", "nobody-knows-it")).Refused(ExitCodes.NotFound, "nobody-knows-it");
    }

    // The stream begins at a moment that the test cannot know: jobs are added until it has seen one.
    private async Task AddUntilAsync(Func<bool> isEnough)
    {
        for (var i = 0; i < 200 && !isEnough(); i++)
        {
            await system.AddAndWaitAsync((JsonNode)JobFiles.SendMessage());
        }
    }
}
