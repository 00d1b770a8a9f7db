using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>Changing the data of failed jobs and retrying them with it: one, and all of a cause.</summary>
public sealed class EditTests
{
    private const string Queue = "message-delivery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_job_is_retried_with_other_data_and_what_differs_is_told_and_audited()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "one");

        var (status, edit) = await PostAsync(gateway, $"/queue/{Queue}/jobs/one/edit?reason=wrong+number", """{"set":{"content":"other words","metadata.ward":"7"},"remove":["messageType"]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True((bool)edit["isApplied"]!);
        var changes = edit["changes"]!.AsArray().ToDictionary(change => (string)change!["field"]!, change => ((string?)change!["before"], change["after"]));
        Assert.Equal("hello", changes["content"].Item1);
        Assert.Equal("other words", (string?)changes["content"].Item2);
        Assert.Equal(["content", "metadata"], changes.Keys.Order());
        var job = (await gateway.Store.GetAsync(Queue, "one", Cancellation))!;
        Assert.Equal((JobState.Waiting, "other words", "7"), (job.State, job.Data.GetProperty("content").GetString(), job.Data.GetProperty("metadata").GetProperty("ward").GetString()));
        var (_, audit) = await gateway.GetAsync("/queue/audit");
        var entry = audit!["entries"]!.AsArray().First(entry => (string)entry!["action"]! == "EditJob")!;
        Assert.Equal(("one", "wrong number", "set content, metadata.ward; remove messageType"), ((string)entry["target"]!, (string)entry["reason"]!, (string)entry["asked"]!));
        Assert.DoesNotContain("other words", audit.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_says_what_would_be_wrong()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "one");

        var (status, edit) = await PostAsync(gateway, $"/queue/{Queue}/jobs/one/edit?dryRun=true&reason=look", """{"remove":["Content"]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False((bool)edit["isApplied"]!);
        Assert.Equal(["data.content"], edit["errors"]!.AsObject().Select(error => error.Key));
        Assert.Equal("hello", (string)edit["changes"]![0]!["before"]!);
        Assert.Equal(JobState.Failed, (await gateway.Store.GetAsync(Queue, "one", Cancellation))!.State);
    }

    [Theory]
    [InlineData("one", "?reason=x", """{"set":{"content":""}}""", HttpStatusCode.BadRequest, "data.content")]
    [InlineData("one", "?reason=x", """{"data":{"messageId":"no"}}""", HttpStatusCode.BadRequest, "data.messageId")]
    [InlineData("one", "?reason=x", """{"data":[1]}""", HttpStatusCode.BadRequest, "data")]
    [InlineData("one", "?reason=x", """{"data":{},"set":{"content":"x"}}""", HttpStatusCode.BadRequest, "data")]
    [InlineData("one", "?reason=x", """{"set":{"content.x":"y"}}""", HttpStatusCode.BadRequest, "data.content.x")]
    [InlineData("one", "?reason=x", """{"set":{"a..b":"y"}}""", HttpStatusCode.BadRequest, "set")]
    [InlineData("one", "?reason=x", """{"sett":{"content":"y"}}""", HttpStatusCode.BadRequest, "sett")]
    [InlineData("one", "", """{"set":{"content":"x"}}""", HttpStatusCode.BadRequest, "reason")]
    [InlineData("one", "?reason=x&dryRun=maybe", """{"set":{"content":"x"}}""", HttpStatusCode.BadRequest, "dryRun")]
    [InlineData("waits", "?reason=x", """{"set":{"content":"x"}}""", HttpStatusCode.Conflict, null)]
    [InlineData("none", "?reason=x", """{"set":{"content":"x"}}""", HttpStatusCode.NotFound, null)]
    public async Task What_cannot_be_done_is_refused_and_nothing_is_changed(string job, string query, string body, HttpStatusCode status, string? field)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "one");
        using var added = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message("waits"));

        var (actual, problem) = await PostAsync(gateway, $"/queue/{Queue}/jobs/{job}/edit{query}", body);

        Assert.Equal(status, actual);
        if (field is not null)
        {
            Assert.Contains(field, problem["errors"]!.AsObject().Select(error => error.Key));
        }

        var one = (await gateway.Store.GetAsync(Queue, "one", Cancellation))!;
        Assert.Equal((JobState.Failed, "hello"), (one.State, one.Data.GetProperty("content").GetString()));
    }

    [Fact]
    public async Task A_dry_run_of_a_group_counts_what_would_still_fail_and_the_edit_retries_the_rest()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await AddInvalidAsync(gateway, 450, 30);
        var (_, failures) = await gateway.GetAsync($"/queue/{Queue}/failures");
        var cause = (string)failures!["groups"]![0]!["cause"]!;
        var address = $"/queue/{Queue}/failures/{Uri.EscapeDataString(cause)}/edit";

        var (_, asTheyAre) = await PostAsync(gateway, address + "?dryRun=true", "{}");
        var (_, dry) = await PostAsync(gateway, address + "?dryRun=true", """{"set":{"content":"words"}}""");
        var before = await gateway.Store.GetMetricsAsync([Queue], Cancellation);
        var (status, done) = await PostAsync(gateway, address + "?reason=lost+text", """{"set":{"content":"words"}}""");

        Assert.Equal((480, 0, 480), Counts(asTheyAre));
        Assert.Equal((480, 450, 30), Counts(dry));
        Assert.Equal(("data.senderId", 30), ((string)dry["problems"]![0]!["field"]!, (int)dry["problems"]![0]!["count"]!));
        Assert.Equal(480, before[0].Failed);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((480, 450, 30), Counts(done));
        Assert.Equal(450, (int)done["applied"]!);
        var after = (await gateway.Store.GetMetricsAsync([Queue], Cancellation))[0];
        Assert.Equal((30L, 450L), (after.Failed, after.Waiting));
        var (_, audit) = await gateway.GetAsync("/queue/audit");
        Assert.Contains(audit!["entries"]!.AsArray(), entry => (string)entry!["action"]! == "EditFailure" && (long?)entry["count"] == 450 && (string?)entry["reason"] == "lost text");
    }

    [Theory]
    [InlineData("?reason=x", """{"data":{}}""", "data")]
    [InlineData("?reason=x", "{}", "set")]
    [InlineData("", """{"set":{"content":"x"}}""", "reason")]
    public async Task A_group_is_not_edited_without_saying_what_and_why(string query, string body, string field)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await AddInvalidAsync(gateway, 1, 0);
        var (_, failures) = await gateway.GetAsync($"/queue/{Queue}/failures");

        var (status, problem) = await PostAsync(gateway, $"/queue/{Queue}/failures/{Uri.EscapeDataString((string)failures!["groups"]![0]!["cause"]!)}/edit{query}", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(field, problem["errors"]!.AsObject().Select(error => error.Key));
    }

    private static (int Jobs, int Valid, int Invalid) Counts(JsonNode edit) => ((int)edit["jobs"]!, (int)edit["valid"]!, (int)edit["invalid"]!);

    // As events bring them that nobody has judged: on record as failed.
    private static Task<IReadOnlyList<AddResult>> AddInvalidAsync(GatewayHost gateway, int withoutContent, int withoutMore) =>
        gateway.Store.AddAsync(
            Queue,
            [.. Enumerable.Range(0, withoutContent + withoutMore).Select(i => new NewJob
            {
                JobId = $"job-{i}",
                Type = "send-message",
                Data = System.Text.Encoding.UTF8.GetBytes(
                    $$"""{"messageId":"{{Guid.NewGuid()}}",{{(i < withoutContent ? $"\"senderId\":\"{Guid.NewGuid()}\"," : string.Empty)}}"recipientId":"{{Guid.NewGuid()}}","conversationId":"{{Guid.NewGuid()}}"}"""),
                Error = new JobError("content is required", Code: JobErrorCodes.Invalid),
            })],
            Cancellation);

    private static async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(GatewayHost gateway, string path, string json)
    {
        using var answer = await gateway.PostAsync(path, json);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!);
    }
}
