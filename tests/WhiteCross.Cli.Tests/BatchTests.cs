namespace WhiteCross.Cli.Tests;

/// <summary><c>wc batch</c>.</summary>
public sealed class BatchTests(CliSystem system)
{
    [Fact]
    public async Task A_batch_is_followed_by_its_jobs_id_until_all_is_delivered_and_shown_by_its_own()
    {
        var jobId = await system.AddAsync(JobFiles.Batch(25));

        var watched = (await system.RunAsync("batch", jobId, "--watch", "--json")).Well().JsonLines[^1];
        var batchId = watched["batchId"]!.GetValue<string>();
        var shown = (await system.RunAsync("batch", batchId)).Well();

        Assert.Equal(("completed", 25), (watched["status"]!.GetValue<string>(), watched["delivered"]!.GetValue<int>()));
        Assert.NotEqual(jobId, batchId);
        Assert.Contains("25, 100 % done", shown.Output, StringComparison.Ordinal);
        Assert.Contains($"Delivered\t25", shown.Output, StringComparison.Ordinal); // On a terminal also as a bar: TerminalTests.
        Assert.Equal(jobId, (await system.RunAsync("batch", batchId, "--json")).Well().Json["jobId"]!.GetValue<string>());
        var recipients = (await system.RunAsync("batch", "recipients", batchId, "--state", "delivered", "--limit", "20", "--json")).Well().Json;
        Assert.Equal(20, recipients["recipients"]!.AsArray().Count);
        var rest = (await system.RunAsync("batch", "recipients", batchId, "--limit", "20", "--cursor", recipients["nextCursor"]!.GetValue<string>())).Well();
        Assert.Equal(5, JobTests.Occurrences(rest.Output, "delivered"));
    }

    [Fact]
    public async Task A_batch_is_paused_resumed_and_cancelled()
    {
        // It would be sent by itself only long after: neither pausing nor cancelling it is a race against its end.
        var jobId = await system.AddAsync(JobFiles.Batch(200, chunkDelay: 60_000));
        await system.Tool().RunUntilAsync(text => text.Contains("\"chunk ", StringComparison.Ordinal), "tail", "--job", jobId, "--json");

        Assert.Equal($"{jobId} pauses after the chunk that is being sent.\n", (await system.RunAsync("batch", "pause", jobId)).Well().Output);
        Assert.Contains("paused", (await system.RunAsync("batch", jobId)).Well().Output, StringComparison.Ordinal);
        (await system.RunAsync("batch", "pause", jobId)).Refused(ExitCodes.WrongInput, "can only be paused while it is being sent");
        (await system.RunAsync("batch", "resume", jobId, "--json")).Well();

        (await system.RunAsync("batch", "cancel", jobId)).Refused(ExitCodes.WrongInput, "say --yes");
        Assert.Contains(jobId, (await system.RunAsync("batch", "cancel", jobId, "--yes")).Well().Output, StringComparison.Ordinal);

        var end = await system.RunAsync("batch", jobId, "--watch");
        Assert.Equal(ExitCodes.JobFailed, end.ExitCode);
        Assert.True(end.Output.Contains("cancelled: ", StringComparison.Ordinal), end.Output + end.Error);
    }

    [Fact]
    public async Task A_batch_that_is_not_there_is_not_found()
    {
        (await system.RunAsync("batch", Guid.NewGuid().ToString())).Refused(ExitCodes.NotFound, "There is no batch");
        (await system.RunAsync("batch", "pause", "nobody-knows-it")).Refused(ExitCodes.NotFound, "nobody-knows-it");
        (await system.RunAsync("batch")).Refused(ExitCodes.WrongInput, "See wc batch --help");
    }
}
