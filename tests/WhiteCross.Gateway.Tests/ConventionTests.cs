using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>What clients know from elsewhere: HEAD, ETag, compression, Idempotency-Key, Last-Event-ID, RateLimit headers.</summary>
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

    [Theory]
    [InlineData("pause")]
    [InlineData("failed/retry")]
    [InlineData("jobs/one/retry")]
    [InlineData("clean")]
    public async Task Where_it_would_be_without_effect_it_is_refused_and_nothing_is_done(string path)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "one");

        using var answer = await PostAsync(gateway, $"/queue/{Queue}/{path}", "{}", "key");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotNull(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["errors"]!["Idempotency-Key"]);
        var metrics = (await gateway.Store.GetMetricsAsync([Queue], Cancellation))[0];
        Assert.Equal((1, false), (metrics.Failed, metrics.IsPaused));
    }

    [Theory]
    [InlineData("/queue/metrics", 200)]
    [InlineData($"/queue/{Queue}/jobs?limit=1", 200)]
    [InlineData($"/queue/{Queue}/jobs/one", 200)]
    [InlineData($"/queue/{Queue}/jobs/one/events", 200)]
    [InlineData("/queue/events", 200)]
    [InlineData($"/queue/{Queue}/jobs/none/events", 404)]
    [InlineData("/queue/none/metrics", 404)]
    [InlineData($"/queue/{Queue}/jobs?limit=none", 400)]
    [InlineData($"/queue/{Queue}/pause", 405)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/healthz", 200)]
    [InlineData("/", 200)]
    public async Task Head_is_answered_as_get_is_without_the_body(string address, int status)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "one");

        using var head = await SendAsync(gateway, HttpMethod.Head, address);
        using var get = await SendAsync(gateway, HttpMethod.Get, address);

        Assert.Equal((status, status), ((int)head.StatusCode, (int)get.StatusCode));
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("/queue/metrics")]
    [InlineData($"/queue/{Queue}/metrics")]
    [InlineData("/queue/failures")]
    [InlineData($"/queue/{Queue}/failed")]
    [InlineData($"/queue/{Queue}/jobs")]
    [InlineData($"/queue/{Queue}/jobs/one")]
    public async Task What_has_not_changed_is_answered_304(string address)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var gateway = await GatewayHost.StartAsync(null, time);
        await gateway.FailAsync(Queue, "one");

        using var first = await SendAsync(gateway, HttpMethod.Get, address);
        var tag = first.Headers.ETag!.ToString();
        time.Advance(TimeSpan.FromSeconds(1));
        using var same = await SendAsync(gateway, HttpMethod.Get, address, ("If-None-Match", tag));
        await gateway.Store.RetryAsync(Queue, ["one"], null, Cancellation);
        using var other = await SendAsync(gateway, HttpMethod.Get, address, ("If-None-Match", tag));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.OK), (first.StatusCode, same.StatusCode, other.StatusCode));
        Assert.Empty(await same.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(tag, same.Headers.ETag!.ToString());
        Assert.NotEqual(tag, other.Headers.ETag!.ToString());
    }

    [Theory]
    [InlineData("/queue/metrics", "", true)]
    [InlineData("/queue/metrics", "same-origin", true)]
    [InlineData("/queue/metrics", "cross-site", false)]
    [InlineData("/queue/metrics", "same-site", false)]
    [InlineData($"/queue/{Queue}/jobs", "", true)]
    [InlineData("/openapi/v1.json", "", true)]
    [InlineData("/", "none", true)]
    [InlineData($"/queue/{Queue}/jobs/one/events", "", false)]
    [InlineData($"/queue/{Queue}/jobs/one/reveal?reason=test", "", false)]
    public async Task What_has_no_content_is_compressed_unless_a_foreign_page_asks(string address, string site, bool isCompressed)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync(Queue, "one");

        (string, string)[] headers = site.Length == 0 ? [("Accept-Encoding", "gzip")] : [("Accept-Encoding", "gzip"), ("Sec-Fetch-Site", site)];
        using var answer = await SendAsync(gateway, address.Contains("reveal", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, address, headers);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(isCompressed ? ["gzip"] : [], answer.Content.Headers.ContentEncoding);
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

    private static Task<HttpResponseMessage> SendAsync(GatewayHost gateway, HttpMethod method, string address, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
