namespace WhiteCross.Cli.Tests;

/// <summary>Cancelling and removing many jobs, and <c>wc history</c>.</summary>
public sealed class BulkTests(CliSystem system)
{
    [Fact]
    public async Task All_jobs_that_filters_leave_are_cancelled_and_removed()
    {
        var prefix = $"bulk-{Guid.NewGuid():N}";
        for (var i = 0; i < 3; i++)
        {
            await system.AddAsync(JobFiles.SendMessage(), "--delay", "1h", "--id", $"{prefix}-{i}");
        }

        var other = await system.AddAsync(JobFiles.SendMessage(), "--delay", "1h");
        string[] all = ["--all", "message-delivery", "--text", prefix];
        (await system.RunAsync(["cancel", .. all])).Refused(ExitCodes.WrongInput, "say --yes");

        var cancelled = (await system.RunAsync(["cancel", .. all, "--state", "delayed", "--yes"])).Well();
        Assert.Equal("3 jobs of 3 are cancelled.\n", cancelled.Output);
        Assert.Equal("failed", await StateAsync($"{prefix}-0"));
        Assert.Equal("delayed", await StateAsync(other));
        Assert.Equal("0 jobs of 0 are cancelled.\n", (await system.RunAsync(["cancel", .. all, "--yes"])).Well().Output); // They have ended.

        var removed = (await system.RunAsync(["remove", .. all, "--yes", "--json"])).Well();
        Assert.Equal(3, removed.Json["changed"]!.AsArray().Count);
        (await system.RunAsync("job", $"{prefix}-1")).Refused(ExitCodes.NotFound, prefix);
        (await system.RunAsync("remove", other, "--yes")).Well();
    }

    [Fact]
    public async Task Named_jobs_are_changed_each_by_itself_and_what_could_not_be_is_told()
    {
        var waiting = await system.AddAsync(JobFiles.SendMessage(), "--delay", "1h");
        var ended = await system.AddAndWaitAsync(JobFiles.SendMessage());

        var ran = await system.RunAsync("cancel", waiting, ended, "--yes");

        Assert.Equal(ExitCodes.WrongInput, ran.ExitCode);
        Assert.Equal("1 job of 2 is cancelled.\n", ran.Output);
        Assert.Contains("1: ", ran.Error, StringComparison.Ordinal);
        Assert.Equal("failed", await StateAsync(waiting));
        (await system.RunAsync("cancel")).Refused(ExitCodes.WrongInput, "Give the ids of jobs");
        (await system.RunAsync("cancel", waiting, "--all", "message-delivery")).Refused(ExitCodes.WrongInput, "not both");
        (await system.RunAsync("remove", waiting, "--state", "failed")).Refused(ExitCodes.WrongInput, "--state goes with --all");
    }

    [Fact]
    public async Task History_has_a_row_for_each_span_and_all_that_happened()
    {
        await system.AddAndWaitAsync(JobFiles.SendMessage());

        var rows = (await system.RunAsync("history", "message-delivery", "--minutes", "60", "--every", "10")).Well().Output.TrimEnd('\n').Split('\n').Select(line => line.Split('\t')).ToList();

        Assert.Equal(6, rows.Count);
        Assert.All(rows, row => Assert.Equal(7, row.Length));
        Assert.InRange(rows.Sum(row => int.Parse(row[2], System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture)), 1, int.MaxValue);
        Assert.Equal(60, (await system.RunAsync("history", "message-delivery", "--json")).Well().Json["minutes"]!.AsArray().Count);
        Assert.Equal(30, (await system.RunAsync("history", "message-delivery", "--minutes", "300")).Well().Output.TrimEnd('\n').Split('\n').Length);
        (await system.RunAsync("history", "nowhere")).Refused(ExitCodes.NotFound, "nowhere");
    }

    private async Task<string> StateAsync(string id) => (await system.RunAsync("job", id, "--json")).Well().Json["state"]!.GetValue<string>();
}
