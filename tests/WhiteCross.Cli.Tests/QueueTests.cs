using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Tests;

/// <summary>Queues: <c>wc jobs</c>, <c>failed</c>, <c>retry --failed</c>, <c>metrics</c>, <c>health</c>, <c>pause</c>, <c>resume</c>, <c>clean</c>.</summary>
public sealed class QueueTests(CliSystem system)
{
    [Fact]
    public async Task Jobs_are_listed_filtered_and_paged()
    {
        var prefix = $"listed-{Guid.NewGuid():N}";
        for (var i = 1; i <= 5; i++)
        {
            await system.AddAsync(JobFiles.SendMessage(), "--delay", "1h", "--id", $"{prefix}-{i}");
        }

        string[] list = ["jobs", "message-delivery", "--state", "delayed", "--text", prefix, "--limit", "2"];
        var first = (await system.RunAsync([.. list, "--json"])).Well();
        var last = (await system.RunAsync([.. list, "--json", "--page", "3"])).Well();

        Assert.Equal([$"{prefix}-5", $"{prefix}-4"], IdsOf(first));
        Assert.True(first.Json["hasMore"]!.GetValue<bool>());
        Assert.Equal([$"{prefix}-1"], IdsOf(last));
        Assert.False(last.Json["hasMore"]!.GetValue<bool>());
        Assert.DoesNotContain(JobFiles.Secret, first.Output, StringComparison.Ordinal);
        var shown = (await system.RunAsync(list)).Well();
        Assert.Contains($"{prefix}-5", shown.Output, StringComparison.Ordinal);
        Assert.Contains("--page 2", shown.Error, StringComparison.Ordinal);
        Assert.Contains("There is no page 4", (await system.RunAsync([.. list, "--page", "4"])).Well().Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.WrongInput, (await system.RunAsync("jobs", "message-delivery", "--state", "lost")).ExitCode);
        Assert.Equal(ExitCodes.NotFound, (await system.RunAsync("jobs", "nowhere")).ExitCode);
    }

    [Fact]
    public async Task Failed_jobs_are_listed_with_their_errors_and_retried_all_or_by_error()
    {
        var id = await system.AddAndWaitAsync(JobFiles.Failing());
        var error = (await system.RunAsync("job", id, "--json")).Json["error"]!["message"]!.GetValue<string>();

        var shown = (await system.RunAsync("failed", "message-encryption")).Well();
        Assert.Contains(id, shown.Output, StringComparison.Ordinal);
        Assert.Contains("permanent", shown.Output, StringComparison.Ordinal);
        Assert.Contains(id, IdsOf((await system.RunAsync("failed", "message-encryption", "--error", error.ToUpperInvariant(), "--json")).Well()));
        Assert.Empty(IdsOf((await system.RunAsync("failed", "message-encryption", "--error", id, "--json")).Well()));

        Assert.Equal(0, Retried(await system.RunAsync("retry", "--failed", "message-encryption", "--error", "no error says this", "--yes", "--json")));
        (await system.RunAsync("retry", "--failed", "message-encryption")).Refused(ExitCodes.WrongInput, "say --yes");
        Assert.InRange(Retried(await system.RunAsync("retry", "--failed", "message-encryption", "--error", error, "--yes", "--json")), 1, 1000);
        await system.RunAsync("tail", "--job", id);
        Assert.InRange(Retried(await system.RunAsync("retry", "--failed", "message-encryption", "--yes", "--json")), 1, 1000);
        Assert.Contains("Retried 0 jobs of message-indexing.", (await system.RunAsync("retry", "--failed", "message-indexing", "--yes")).Well().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_a_table_of_all_queues_or_of_one()
    {
        var all = (await system.RunAsync("metrics")).Well();
        Assert.Contains("message-cleanup", all.Output, StringComparison.Ordinal);
        Assert.Contains("batch-message-sending", all.Output, StringComparison.Ordinal);

        var one = (await system.RunAsync("metrics", "message-delivery")).Well();
        Assert.DoesNotContain("message-cleanup", one.Output, StringComparison.Ordinal);
        Assert.Equal(6, (await system.RunAsync("metrics", "--json")).Well().Json["queues"]!.AsObject().Count);
        (await system.RunAsync("metrics", "nowhere")).Refused(ExitCodes.NotFound, "There is no queue 'nowhere'");
    }

    [Fact]
    public async Task Metrics_are_watched_until_somebody_interrupts()
    {
        var ran = await system.Tool().RunUntilAsync(text => JobTests.Occurrences(text, "\n") >= 2, "metrics", "--watch", "--every", "10ms", "--json");

        Assert.Equal(ExitCodes.Interrupted, ran.ExitCode);
        Assert.All(ran.JsonLines, line => Assert.NotNull(line["totals"]));
        var shown = await system.Tool().RunUntilAsync(text => text.Contains("message-cleanup", StringComparison.Ordinal), "metrics", "--watch", "--every", "10ms");
        Assert.Equal(ExitCodes.Interrupted, shown.ExitCode);
    }

    [Fact]
    public async Task Health_is_0_where_all_is_well_and_4_where_too_much_fails()
    {
        (await system.RunAsync("pause", "message-indexing")).Well();
        await system.AddAsync(IndexJob());
        var well = (await system.RunAsync("health", "message-indexing")).Well();
        Assert.Contains("healthy", well.Output, StringComparison.Ordinal);
        Assert.Contains("paused", well.Output, StringComparison.Ordinal);
        (await system.RunAsync("resume", "message-indexing")).Well();

        await system.AddAndWaitAsync(JobFiles.Failing());
        var ill = await system.RunAsync("health");
        Assert.Contains("too many jobs fail", ill.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Unavailable, ill.ExitCode);
        var json = await system.RunAsync("health", "message-encryption", "--json");
        Assert.Equal(("unhealthy", ExitCodes.Unavailable), (json.Json["status"]!.GetValue<string>(), json.ExitCode));
        (await system.RunAsync("health", "nowhere")).Refused(ExitCodes.NotFound, "nowhere");
    }

    [Fact]
    public async Task A_queue_is_paused_and_resumed()
    {
        Assert.Equal("message-indexing is paused.\n", (await system.RunAsync("pause", "message-indexing")).Well().Output);
        var id = await system.AddAsync(IndexJob());
        Assert.Equal("paused", (await system.RunAsync("job", id, "--json")).Well().Json["state"]!.GetValue<string>());
        Assert.Contains("message-indexing (paused)", (await system.RunAsync("metrics")).Well().Output, StringComparison.Ordinal);

        Assert.False((await system.RunAsync("resume", "message-indexing", "--json")).Well().Json["paused"]!.GetValue<bool>());

        (await system.RunAsync("tail", "--job", id)).Well();
        (await system.RunAsync("pause", "nowhere")).Refused(ExitCodes.NotFound, "nowhere");
    }

    [Fact]
    public async Task A_queue_is_cleaned_of_what_is_old_enough()
    {
        var id = await system.AddAndWaitAsync(IndexJob());

        Assert.Equal(0, (await system.RunAsync("clean", "message-indexing", "--yes", "--json")).Well().Json["removed"]!.GetValue<int>());
        (await system.RunAsync("clean", "message-indexing")).Refused(ExitCodes.WrongInput, "say --yes");
        (await system.RunAsync("clean", "message-indexing", "--grace", "soon")).Refused(ExitCodes.WrongInput, "--grace must be a span");
        Assert.StartsWith("Removed ", (await system.RunAsync("clean", "message-indexing", "--grace", "0", "--yes")).Well().Output, StringComparison.Ordinal);

        (await system.RunAsync("job", id)).Refused(ExitCodes.NotFound, id);
    }

    private static int Retried(Ran ran) => ran.Well().Json["retried"]!.GetValue<int>();

    private static List<string> IdsOf(Ran ran) => [.. ran.Json["jobs"]!.AsArray().Select(job => job!["jobId"]!.GetValue<string>())];

    private static JsonObject IndexJob() => new()
    {
        ["type"] = "index-message",
        ["data"] = new JsonObject
        {
            ["messageId"] = Guid.NewGuid().ToString(),
            ["operation"] = "index",
            ["content"] = JobFiles.Secret,
            ["senderId"] = Guid.NewGuid().ToString(),
            ["conversationId"] = Guid.NewGuid().ToString(),
        },
    };
}
