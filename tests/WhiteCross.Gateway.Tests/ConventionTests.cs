using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>What clients know from elsewhere: Idempotency-Key, Last-Event-ID, RateLimit headers.</summary>
public sealed class ConventionTests
{
    private const string Queue = "message-delivery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("order-17", "order-17")]
    [InlineData("\"order-17\"", "order-17")]
    public async Task An_idempotency_key_is_the_jobs_id(string header, string jobId)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var body = GatewayHost.Message();

        using var first = await PostAsync(gateway, $"/queue/{Queue}/jobs", body, header);
        using var second = await PostAsync(gateway, $"/queue/{Queue}/jobs", body, header);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal(jobId, (string)JsonNode.Parse(await second.Content.ReadAsStringAsync(Cancellation))!["jobId"]!);
        Assert.Equal(1, (await gateway.Store.GetMetricsAsync([Queue], Cancellation))[0].Added);
    }

    [Theory]
    [InlineData("jobs", "one", "two")]
    [InlineData("jobs", null, "has a space")]
    [InlineData("jobs/bulk", null, "key")]
    public async Task One_that_cannot_be_kept_is_refused_by_name(string path, string? jobId, string header)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var body = GatewayHost.Message(jobId);

        using var answer = await PostAsync(gateway, $"/queue/{Queue}/{path}", path == "jobs" ? body : $$"""{"jobs":[{{body}}]}""", header);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotNull(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["errors"]!["Idempotency-Key"]);
        Assert.Equal(0, (await gateway.Store.GetMetricsAsync([Queue], Cancellation))[0].Added);
    }

    [Fact]
    public async Task Events_have_ids_and_whoever_has_heard_the_end_is_answered_204()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "one");
        var address = new Uri($"/queue/{Queue}/jobs/one/events", UriKind.Relative);

        var stream = await gateway.Client.GetStringAsync(address, Cancellation);
        var id = stream.Split('\n').Single(line => line.StartsWith("id: ", StringComparison.Ordinal))["id: ".Length..];

        Assert.StartsWith("retry: ", stream, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, await AskAsync(gateway, address, id));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, address, "1e"));

        // Retried and failed anew, there is more to hear.
        await gateway.Store.RetryAsync(Queue, ["one"], null, Cancellation);
        var later = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(id.TrimEnd('e'), System.Globalization.CultureInfo.InvariantCulture));
        await WhiteCross.Testing.Eventually.TrueAsync(() => TimeProvider.System.GetUtcNow() > later.AddMilliseconds(1));
        var begun = await gateway.Store.BeginAsync(Queue, [new BeginRequest("one")], Cancellation);
        await gateway.Store.FinishAsync(Queue, [new RunEnd(begun[0].Run!.Key, RunEndKind.Failed) { Error = new JobError("again") }], Cancellation);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, address, id));
    }

    [Fact]
    public async Task Answers_say_what_is_left_of_the_callers_requests()
    {
        await using var gateway = await GatewayHost.StartAsync(null, ("Access:RequestsPerSecond", "50"));
        using var answer = await gateway.Client.GetAsync(new Uri("/queue/metrics", UriKind.Relative), Cancellation);
        Assert.Equal("50", answer.Headers.GetValues("RateLimit-Limit").Single());
        Assert.InRange(int.Parse(answer.Headers.GetValues("RateLimit-Remaining").Single(), System.Globalization.CultureInfo.InvariantCulture), 0, 50); // It fills again all the time.
        Assert.Equal("1", answer.Headers.GetValues("RateLimit-Reset").Single());
    }

    private static async Task<HttpStatusCode> AskAsync(GatewayHost gateway, Uri address, string lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Last-Event-ID", lastEventId);
        using var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return answer.StatusCode;
    }

    private static Task<HttpResponseMessage> PostAsync(GatewayHost gateway, string path, string json, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return gateway.Client.SendAsync(request, Cancellation);
    }
}
