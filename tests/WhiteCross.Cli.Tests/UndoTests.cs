
namespace WhiteCross.Cli.Tests;

/// <summary><c>wc retry --failed --undo</c> and <c>wc undo</c>.</summary>
public sealed class UndoTests(CliSystem system)
{
    private const string Queue = "message-encryption";

    [Fact]
    public async Task A_held_retry_is_undone_by_what_it_printed()
    {
        var id = await system.AddAndWaitAsync(JobFiles.Failing());

        var held = (await system.RunAsync("retry", "--failed", Queue, "--undo", "5m", "--yes")).Well();

        Assert.Matches(@"^\d+ failed jobs? of message-encryption waits? again in [0-9mins ]+\. Until then:\n  wc undo \S+\n$", held.Output);
        var retry = held.Output.Split(' ')[^1].Trim();
        Assert.Equal("failed", await StateAsync(id));
        Assert.Matches(@"^Undone: \d+ jobs? of message-encryption stays? failed\.\n$", (await system.RunAsync("undo", retry)).Well().Output);
        Assert.Equal("undone", (await system.RunAsync("undo", retry, "--queue", Queue, "--json")).Well().Json["undone"]![0]!["state"]!.GetValue<string>());
        Assert.Equal("failed", await StateAsync(id));
    }

    [Fact]
    public async Task A_held_retry_runs_when_its_time_is_over_and_cannot_be_undone_then()
    {
        var id = await system.AddAndWaitAsync(JobFiles.Failing());
        (await system.RunAsync("pause", Queue)).Well();
        string[] command = ["retry", "--failed", Queue, "--error", "not what an encryption", "--undo", "1s", "--yes", "--json"];

        var held = (await system.RunAsync(command)).Well().Json;

        Assert.Equal(0, held["retried"]!.GetValue<int>());
        var retry = Assert.Single(held["held"]!.AsArray())!;
        Assert.Equal("held", retry["state"]!.GetValue<string>());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await StateAsync(id) != "paused")
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }

        (await system.RunAsync("undo", retry["id"]!.GetValue<string>())).Refused(ExitCodes.WrongInput, "Too late");
        (await system.RunAsync("resume", Queue)).Well();
        Assert.Equal(ExitCodes.JobFailed, (await system.RunAsync("tail", "--job", id)).ExitCode);
    }

    [Fact]
    public async Task What_is_not_held_cannot_be_undone()
    {
        (await system.RunAsync("undo", "nothing")).Refused(ExitCodes.NotFound, "No queue has a retry 'nothing'");
        (await system.RunAsync("undo", "nothing", "--queue", Queue)).Refused(ExitCodes.NotFound, "Unknown retry");
        Assert.Empty((await system.RunAsync("retry", "--failed", "message-indexing", "--undo", "10s", "--yes", "--json")).Well().Json["held"]!.AsArray());
        (await system.RunAsync("retry", "--failed", Queue, "--undo", "6m", "--yes")).Refused(ExitCodes.WrongInput, "between 1s and 5m");
        (await system.RunAsync("retry", "a-job", "--undo", "10s")).Refused(ExitCodes.WrongInput, "--error and --undo go with --failed");
    }

    private async Task<string> StateAsync(string id) => (await system.RunAsync("job", id, "--json")).Well().Json["state"]!.GetValue<string>();
}
