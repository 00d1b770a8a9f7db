using System.Net;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>Jobs that have failed in the system that this one replaces: on record as failed, and run by nobody until somebody retries them.</summary>
public sealed class FailedElsewhereTests
{
    private const string Queue = JobQueues.MessageDelivery;
    private const string Path = $"/queue/{Queue}/failed";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_are_failed_with_their_error_once_and_can_be_retried()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var entry = Entry("a", "The provider said 503");
        var first = await AddAsync(gateway, entry, Entry("b", new string('x', 10_000)));
        var again = await AddAsync(gateway, entry.DeepClone().AsObject());

        Assert.Equal(["a", "b"], first["accepted"]!.AsArray().Select(entry => (string)entry!["jobId"]!));
        Assert.Equal("same", (string?)again["accepted"]![0]!["known"]);
        var record = await gateway.Store.GetAsync(Queue, "a", Cancellation);
        Assert.Equal((JobState.Failed, "The provider said 503", 0), (record!.State, record.Error!.Message, record.AttemptsMade));
        Assert.EndsWith("[cut]", (await gateway.Store.GetAsync(Queue, "b", Cancellation))!.Error!.Message, StringComparison.Ordinal);
        var groups = (await gateway.GetAsync($"/queue/{Queue}/failures")).Body!;
        Assert.Equal(2, (int)groups["total"]!);
        Assert.Equal("AddFailedJobs", (string?)(await gateway.GetAsync("/queue/audit")).Body!["entries"]![0]!["action"]);

        using var retried = await gateway.PostAsync($"/queue/{Queue}/jobs/a/retry");
        Assert.Equal(HttpStatusCode.OK, retried.StatusCode);
        Assert.Equal(JobState.Waiting, (await gateway.Store.GetAsync(Queue, "a", Cancellation))!.State);
    }

    [Fact]
    public async Task Each_is_judged_by_itself_and_what_is_wrong_is_named()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var without = Entry("x", "why");
        without["job"]!.AsObject().Remove("jobId");
        var unknown = Entry("y", "why");
        unknown["reason"] = "why";
        var empty = Entry("z", " ");
        var wrong = Entry("w", "why");
        wrong["job"]!["data"]!.AsObject().Remove("content");

        var answer = await AddAsync(gateway, without, unknown, empty, wrong, Entry("good", "why"));

        Assert.Equal([4], answer["accepted"]!.AsArray().Select(entry => (int)entry!["index"]!));
        Assert.Equal(["job.jobId", "reason", "error", "job.data.content"], answer["rejected"]!.AsArray().Select(entry => entry!["errors"]!.AsObject().Single().Key));
    }

    [Theory]
    [InlineData("[]", "jobs")]
    [InlineData("{}", "jobs")]
    [InlineData("""{"jobs":[]}""", "jobs")]
    [InlineData("""{"jobs":[{}],"more":1}""", "more")]
    [InlineData("{", "$")]
    [InlineData("""{"jobs":[],"jobs":[]}""", "$")]
    public async Task A_body_that_is_none_is_refused_by_name(string body, string field)
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.PostAsync(Path, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"{field}\":", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static JsonObject Entry(string jobId, string error) => new() { ["job"] = JsonNode.Parse(GatewayHost.Message(jobId))!, ["error"] = error };

    private static async Task<JsonNode> AddAsync(GatewayHost gateway, params JsonObject[] entries)
    {
        using var answer = await gateway.PostAsync(Path, new JsonObject { ["jobs"] = new JsonArray([.. entries]) }.ToJsonString());
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;
    }
}
