using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Tests;

/// <summary>Looking at single jobs and changing them: <c>wc job</c>, <c>retry</c>, <c>promote</c>, <c>cancel</c>, <c>remove</c>.</summary>
public sealed class JobTests(CliSystem system)
{
    [Fact]
    public async Task A_job_is_found_in_whichever_queue_it_is_and_shown_without_what_it_is_about()
    {
        var id = await system.AddAndWaitAsync(JobFiles.SendMessage());

        var ran = (await system.RunAsync("job", id)).Well();

        Assert.Contains("message-delivery", ran.Output, StringComparison.Ordinal);
        Assert.Contains("completed", ran.Output, StringComparison.Ordinal);
        Assert.Contains("100 %", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(JobFiles.Secret, ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[", ran.Output, StringComparison.Ordinal);
        var json = (await system.RunAsync("job", id, "--json")).Well();
        Assert.Equal(1, json.Json["attemptsMade"]!.GetValue<int>());
        Assert.Null(json.Json["data"]);
        Assert.Null(json.Json["result"]);
    }

    [Fact]
    public async Task Its_data_is_shown_to_who_asks_for_it_and_that_is_on_record()
    {
        var id = await system.AddAndWaitAsync(JobFiles.SendMessage());

        Assert.Contains(JobFiles.Secret, (await system.RunAsync("job", id, "--data", "--reason", "a complaint")).Well().Output, StringComparison.Ordinal);
        Assert.Equal(JobFiles.Secret, (await system.RunAsync("job", id, "--data", "--reason", "a complaint", "--json")).Well().Json["data"]!["content"]!.GetValue<string>());

        var audit = (await system.RunAsync("audit", "--json", "--limit", "2")).Well().Json["entries"]!.AsArray();
        Assert.All(audit, entry => Assert.Equal(("RevealJob", id), (entry!["action"]!.GetValue<string>(), entry["target"]!.GetValue<string>())));
    }

    [Fact]
    public async Task A_failed_jobs_attempts_are_shown_with_their_errors()
    {
        var ran = (await system.RunAsync("job", await system.AddAndWaitAsync(JobFiles.Failing()))).Well();

        Assert.Contains("1 of 3", ran.Output, StringComparison.Ordinal);
        Assert.Equal(2, Occurrences(ran.Output, "(permanent)"));
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_not_found()
    {
        (await system.RunAsync("job", "nobody-knows-it")).Refused(ExitCodes.NotFound, "No queue has a job 'nobody-knows-it' on record.");
        (await system.RunAsync("job", "nobody-knows-it", "--queue", "message-delivery")).Refused(ExitCodes.NotFound, "has no job 'nobody-knows-it'");
        (await system.RunAsync("job", "not an id")).Refused(ExitCodes.WrongInput, "printable characters without spaces");
    }

    [Fact]
    public async Task An_id_that_two_queues_have_needs_the_queue()
    {
        await system.AddAsync(JobFiles.SendMessage(), "--id", "in/two?queues", "--delay", "1h");
        await system.AddAsync(JobFiles.Failing(), "--id", "in/two?queues", "--delay", "1h");

        (await system.RunAsync("job", "in/two?queues")).Refused(ExitCodes.WrongInput, "message-delivery, message-encryption");
        Assert.Equal("message-encryption", (await system.RunAsync("job", "in/two?queues", "--queue", "message-encryption", "--json")).Well().Json["queue"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_delayed_job_is_promoted_and_one_that_is_not_delayed_is_not()
    {
        var id = await system.AddAsync(JobFiles.SendMessage(), "--delay", "1h");

        Assert.Contains(id, (await system.RunAsync("promote", id)).Well().Output, StringComparison.Ordinal);

        (await system.RunAsync("tail", "--job", id)).Well();
        (await system.RunAsync("promote", id)).Refused(ExitCodes.WrongInput, "only while it is delayed; this one is completed");
    }

    [Fact]
    public async Task A_failed_job_is_retried()
    {
        var id = await system.AddAndWaitAsync(JobFiles.Failing());

        var ran = (await system.RunAsync("retry", id, "--json")).Well();

        Assert.Equal(id, ran.Json["jobId"]!.GetValue<string>());
        Assert.DoesNotContain(JobFiles.Secret, ran.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.JobFailed, (await system.RunAsync("tail", "--job", id)).ExitCode);
        (await system.RunAsync("retry")).Refused(ExitCodes.WrongInput, "Say either a job's id or --failed");
        (await system.RunAsync("retry", id, "--error", "x")).Refused(ExitCodes.WrongInput, "--error and --undo go with --failed");
    }

    [Fact]
    public async Task A_job_is_cancelled_and_removed_only_by_who_says_yes()
    {
        var id = await system.AddAsync(JobFiles.SendMessage(), "--delay", "1h");

        (await system.RunAsync("cancel", id)).Refused(ExitCodes.WrongInput, "say --yes");
        (await Asked("n").RunAsync("cancel", id)).Refused(ExitCodes.WrongInput, "Nothing was changed.");
        Assert.Equal($"{id} is failed.\n", (await Asked("y").RunAsync("cancel", id)).Well().Output);

        (await Asked(string.Empty).RunAsync("remove", id)).Refused(ExitCodes.WrongInput, "Nothing was changed.");
        Assert.True((await system.RunAsync("remove", id, "--reason", "sent by post & fax", "--yes", "--json")).Well().Json["removed"]!.GetValue<bool>());
        Assert.Contains("sent by post & fax", (await system.RunAsync("audit", "--limit", "1")).Well().Output, StringComparison.Ordinal);
        (await system.RunAsync("job", id)).Refused(ExitCodes.NotFound, id);
    }

    internal static int Occurrences(string text, string part) => text.Split(part).Length - 1;

    private Tool Asked(string answer)
    {
        var tool = new Tool { Input = answer + "\n", IsInputTerminal = true };
        foreach (var (name, value) in system.Tool().Variables)
        {
            tool.Variables[name] = value;
        }

        return tool;
    }
}
