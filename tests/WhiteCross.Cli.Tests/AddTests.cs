using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Tests;

/// <summary><c>wc add</c>.</summary>
public sealed class AddTests(CliSystem system) : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("whitecross-");

    public void Dispose() => _files.Delete(recursive: true);

    [Fact]
    public async Task An_envelope_in_a_file_is_added_and_its_id_alone_is_printed()
    {
        var ran = (await system.RunAsync("add", Save(JobFiles.SendMessage()), "--id", "from-a-file")).Well();

        Assert.Equal("from-a-file\n", ran.Output);
        Assert.Equal("message-delivery", (await system.RunAsync("job", "from-a-file", "--json")).Well().Json["queue"]!.GetValue<string>());
    }

    [Fact]
    public async Task Data_alone_needs_its_type_and_the_queue_follows_from_it()
    {
        var file = Save(JobFiles.SendMessageData());

        (await system.RunAsync("add", file)).Refused(ExitCodes.WrongInput, "--type");
        var ran = (await system.RunAsync("add", file, "--type", "send-message", "--priority", "high", "--delay", "1h", "--json")).Well();

        Assert.Equal("delayed", ran.Json["state"]!.GetValue<string>());
        var job = (await system.RunAsync("job", ran.Json["jobId"]!.GetValue<string>(), "--json")).Well().Json;
        Assert.Equal("HIGH", job["priority"]!.GetValue<string>());
        Assert.Equal(3_600_000, job["options"]!["delay"]!.GetValue<long>());
    }

    [Fact]
    public async Task The_same_id_again_says_so_and_adds_nothing()
    {
        var file = Save(JobFiles.SendMessage());
        (await system.RunAsync("add", file, "--id", "twice", "--wait")).Well();

        var again = (await system.RunAsync("add", file, "--id", "twice")).Well();

        Assert.Equal("twice\n", again.Output);
        Assert.Contains("there already; it is completed", again.Error, StringComparison.Ordinal);
        (await system.RunAsync("remove", "twice", "--yes")).Well();
        var removed = (await system.RunAsync("add", file, "--id", "twice", "--wait")).Well();
        Assert.Contains("was there before and will not run again", removed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_shows_what_happens_and_ends_with_the_job()
    {
        var ran = (await system.RunAsync("add", Save(JobFiles.SendMessage()), "--wait")).Well();

        Assert.Contains("completed", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(JobFiles.Secret, ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_a_job_that_fails_exits_with_1_and_says_why()
    {
        var ran = await system.RunAsync("add", Save(JobFiles.Failing()), "--wait");
        Assert.Equal(ExitCodes.JobFailed, ran.ExitCode);
        Assert.Contains("failed", ran.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 3 attempts", ran.Output, StringComparison.Ordinal);

        var json = await system.RunAsync("add", Save(JobFiles.Failing()), "--wait", "--json");
        Assert.Equal(ExitCodes.JobFailed, json.ExitCode);
        Assert.Equal("permanent", json.Json["error"]!["code"]!.GetValue<string>());
        Assert.DoesNotContain(JobFiles.Secret, json.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_job_is_said_field_by_field()
    {
        var job = JobFiles.SendMessage();
        job["data"]!["recipientId"] = "nobody";
        job["data"]!["content"] = string.Empty;
        var file = Save(job);

        var ran = (await system.RunAsync("add", file)).Refused(ExitCodes.WrongInput, "data.recipientId");
        Assert.Contains("data.content", ran.Error, StringComparison.Ordinal);
        Assert.Empty(ran.Output);

        var json = await system.RunAsync("add", file, "--json");
        var problem = JsonNode.Parse(json.Error)!;
        Assert.Equal(["data.content", "data.recipientId"], problem["errors"]!.AsObject().Select(error => error.Key).Order());
        Assert.Equal(ExitCodes.WrongInput, problem["exitCode"]!.GetValue<int>());
        Assert.Equal(ExitCodes.WrongInput, json.ExitCode);
    }

    [Theory]
    [InlineData("{", "is not valid JSON")]
    [InlineData("{\"type\":\"send-message\",\"type\":\"send-message\",\"data\":{}}", "given once only")]
    [InlineData("\"text\"", "must hold a JSON object or array")]
    [InlineData("[]", "has no jobs")]
    [InlineData("{\"type\":\"unheard-of\",\"data\":{}}", "For which queue?")]
    public async Task A_file_that_cannot_be_sent_is_refused_here(string text, string saying)
    {
        var file = Path.Combine(_files.FullName, "job.json");
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);

        (await system.RunAsync("add", file)).Refused(ExitCodes.WrongInput, saying);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() =>
        (await system.RunAsync("add", "/nowhere/job.json")).Refused(ExitCodes.WrongInput, "/nowhere/job.json cannot be read");

    [Fact]
    public async Task An_unknown_queue_is_not_found() =>
        (await system.RunAsync("add", Save(JobFiles.SendMessage()), "--queue", "nowhere")).Refused(ExitCodes.NotFound, "There is no queue 'nowhere'");

    [Fact]
    public async Task Many_jobs_are_added_whatever_the_size_of_a_request_and_the_wrong_ones_are_named_by_their_place()
    {
        var jobs = new JsonArray([.. Enumerable.Range(0, 1_002).Select(_ => (JsonNode)JobFiles.SendMessage())]);
        jobs[1_001]!["data"]!["content"] = string.Empty;
        var file = Save(jobs);

        var ran = await system.RunAsync("add", file);
        ran.Refused(ExitCodes.WrongInput, "jobs[1001].data.content");
        Assert.Equal("Added 1,001 of 1,002 jobs to message-delivery.\n", ran.Output);

        var few = new JsonObject { ["jobs"] = new JsonArray(JobFiles.SendMessage(), JobFiles.SendMessage()) };
        var json = (await system.RunAsync("add", Save(few), "--json", "--delay", "1h")).Well().Json;
        Assert.Equal([0, 1], json["accepted"]!.AsArray().Select(job => job!["index"]!.GetValue<int>()));
        (await system.RunAsync("add", file, "--wait")).Refused(ExitCodes.WrongInput, "are for one job");
        (await system.RunAsync("add", Save(new JsonArray(JobFiles.SendMessage(), JobFiles.Failing())))).Refused(ExitCodes.WrongInput, "several queues");
    }

    [Fact]
    public async Task A_batch_takes_its_recipients_from_a_file()
    {
        var job = JobFiles.Batch(1);
        job["data"]!.AsObject().Remove("recipientIds");
        var recipients = Path.Combine(_files.FullName, "recipients.csv");
        await File.WriteAllLinesAsync(recipients, ["recipientId", .. Enumerable.Range(0, 25).Select(_ => Guid.NewGuid().ToString())], TestContext.Current.CancellationToken);

        var ran = (await system.RunAsync("add", Save(job), "--recipients", recipients, "--wait", "--json")).Well();

        Assert.Equal("completed", ran.Json["state"]!.GetValue<string>());
        (await system.RunAsync("add", Save(job), "--recipients", "list.txt")).Refused(ExitCodes.WrongInput, ".csv or an .ndjson");
        await File.WriteAllLinesAsync(recipients, ["recipientId", "nobody"], TestContext.Current.CancellationToken);
        (await system.RunAsync("add", Save(job), "--recipients", recipients)).Refused(ExitCodes.WrongInput, "line 2");
    }

    private string Save(JsonNode document)
    {
        var file = Path.Combine(_files.FullName, $"{Guid.NewGuid():N}.json");
        File.WriteAllText(file, document.ToJsonString());
        return file;
    }
}
