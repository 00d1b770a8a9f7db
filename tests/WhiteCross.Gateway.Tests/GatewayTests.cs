using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

public sealed class GatewayTests
{
    private const string Delivery = "/queue/message-delivery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_added_job_is_accepted_with_its_address_although_the_sidecar_is_away()
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message("a", """{"priority":"high"}"""));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal($"{Delivery}/jobs/a", answer.Headers.Location!.ToString());
        var (status, record) = await gateway.GetAsync($"{Delivery}/jobs/a");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("a", "HIGH", 5), (record!["jobId"]!.GetValue<string>(), record["priority"]!.GetValue<string>(), record["maxAttempts"]!.GetValue<int>()));
    }

    [Fact]
    public async Task The_same_id_again_gets_the_record_and_adds_nothing()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var first = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message("a"));

        using var second = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message("a"));

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal("a", (await second.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["jobId"]!.GetValue<string>());
        Assert.Equal(1, (await gateway.Store.GetMetricsAsync(["message-delivery"], Cancellation))[0].Added);
    }

    public static TheoryData<string, string, int, string?> WrongAdds => new()
    {
        { "/queue/nope/jobs", "{}", 404, null },
        { $"{Delivery}/jobs", "", 400, "$" },
        { $"{Delivery}/jobs", "  ", 400, "$" },
        { $"{Delivery}/jobs", "{", 400, "$" },
        { $"{Delivery}/jobs", "{} {}", 400, "$" },
        { $"{Delivery}/jobs", "null", 400, "$" },
        { $"{Delivery}/jobs", "[]", 400, "$" },
        { $"{Delivery}/jobs", "7", 400, "$" },
        { $"{Delivery}/jobs", "\"text\"", 400, "$" },
        { $"{Delivery}/jobs", "{'a':1}", 400, "$" },
        { $"{Delivery}/jobs", "{}", 400, "type" },
        { $"{Delivery}/jobs", """{"type":"send-message"}""", 400, "data" },
        { $"{Delivery}/jobs", """{"type":"nope","data":{}}""", 400, "type" },
        { $"{Delivery}/jobs", """{"type":7,"data":{}}""", 400, "type" },
        { $"{Delivery}/jobs", """{"type":"index-message","data":{}}""", 400, "type" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":null}""", 400, "data" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":[]}""", 400, "data" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{}}""", 400, "data.messageId" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{"messageId":"x"}}""", 400, "data.messageId" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{"content":7}}""", 400, "data.content" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{"content":""}}""", 400, "data.content" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{"requiresEncryption":"yes"}}""", 400, "data.requiresEncryption" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{"attachments":"x"}}""", 400, "data.attachments" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{"metadata":[]}}""", 400, "data.metadata" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{"createdAt":"yesterday"}}""", 400, "data.createdAt" },
        { $"{Delivery}/jobs", """{"type":"delivery-confirmation","data":{"status":"lost"}}""", 400, "data.status" },
        { $"{Delivery}/jobs", """{"jobId":"with space","type":"send-message","data":{}}""", 400, "jobId" },
        { $"{Delivery}/jobs", """{"jobId":"","type":"send-message","data":{}}""", 400, "jobId" },
        { $"{Delivery}/jobs", """{"jobId":7,"type":"send-message","data":{}}""", 400, "jobId" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{},"options":{"priority":"URGENT"}}""", 400, "options.priority" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{},"options":{"priority":6}}""", 400, "options.priority" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{},"options":{"delay":-1}}""", 400, "options.delay" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{},"options":{"attempts":0}}""", 400, "options.attempts" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{},"options":{"attempts":101}}""", 400, "options.attempts" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{},"options":{"timeout":0}}""", 400, "options.timeout" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{},"options":{"backoff":{"type":"fixed","delay":-1}}}""", 400, "options.backoff.delay" },
        { $"{Delivery}/jobs", """{"type":"send-message","data":{},"options":7}""", 400, "options" },
        { "/queue/message-notification/jobs", """{"type":"email"}""", 400, "recipientId" },
        { "/queue/message-notification/jobs", """{"data":{"type":"email","recipientEmail":"nobody"}}""", 400, "data.recipientEmail" },
        { "/queue/batch-message-sending/jobs", """{"data":{"recipientIds":[]}}""", 400, "data.recipientIds" },
        { "/queue/message-cleanup/jobs", """{"data":{"cleanupType":"all"}}""", 400, "data.cleanupType" },
        { "/queue/message-encryption/jobs", """{"data":{"algorithm":"ROT13"}}""", 400, "data.algorithm" },
        { $"{Delivery}/jobs/bulk", "[]", 400, "$" },
        { $"{Delivery}/jobs/bulk", "{}", 400, "jobs" },
        { $"{Delivery}/jobs/bulk", """{"jobs":[]}""", 400, "jobs" },
        { $"{Delivery}/jobs/bulk", """{"jobs":{}}""", 400, "jobs" },
        { $"{Delivery}/failed/retry", "[]", 400, "$" },
        { $"{Delivery}/failed/retry", """{"jobIds":"a"}""", 400, "jobIds" },
        { $"{Delivery}/failed/retry", """{"jobIds":["with space"]}""", 400, "jobIds" },
        { $"{Delivery}/failed/retry", "{", 400, "$" },
    };

    [Theory]
    [MemberData(nameof(WrongAdds))]
    public async Task Wrong_input_names_the_field_and_adds_nothing(string path, string body, int status, string? field)
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.PostAsync(path, body);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        if (field is not null)
        {
            Assert.Contains(field, (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["errors"]!.AsObject().Select(error => error.Key));
        }

        Assert.All(await gateway.Store.GetMetricsAsync([.. JobQueues.All.Select(queue => queue.Name)], Cancellation), metrics => Assert.Equal(0, metrics.Added));
    }

    [Fact]
    public async Task Every_wrong_field_is_named_at_once()
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.PostAsync(
            $"{Delivery}/jobs", """{"jobId":"a b","type":"send-message","data":{"messageId":"x","content":7,"senderId":1},"options":{"attempts":0,"delay":"x"}}""");

        var errors = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["errors"]!.AsObject().Select(error => error.Key);
        Assert.Equal(
            ["data.content", "data.conversationId", "data.messageId", "data.recipientId", "data.senderId", "jobId", "options.attempts", "options.delay"],
            errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_too_large_or_not_JSON_is_said_so()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var large = Encoding.UTF8.GetBytes(GatewayHost.Message().Replace("hello", new string('x', 2 << 20), StringComparison.Ordinal));

        using var tooLarge = await gateway.PostAsync($"{Delivery}/jobs", large);
        using var notJson = await gateway.PostAsync($"{Delivery}/jobs", "a=b", "application/x-www-form-urlencoded");
        using var notUtf8 = await gateway.PostAsync($"{Delivery}/jobs", [(byte)'{', 0xff, (byte)'}']);

        Assert.Equal(
            (HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.BadRequest), (tooLarge.StatusCode, notJson.StatusCode, notUtf8.StatusCode));
    }

    [Fact]
    public async Task In_a_bulk_a_bad_job_harms_no_other()
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.PostAsync($"{Delivery}/jobs/bulk", $$"""{"jobs":[{{GatewayHost.Message("a")}},{"type":"nope","data":{} },{{GatewayHost.Message("b")}},7]}""");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
        Assert.Equal(["0 a", "2 b"], body["accepted"]!.AsArray().Select(job => $"{job!["index"]} {job["jobId"]}"));
        Assert.Equal([1, 3], body["rejected"]!.AsArray().Select(job => job!["index"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_bulk_of_more_than_a_thousand_is_refused_as_a_whole()
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.PostAsync($"{Delivery}/jobs/bulk", $$"""{"jobs":[{{string.Join(',', Enumerable.Range(0, 1001).Select(_ => GatewayHost.Message()))}}]}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, (await gateway.Store.GetMetricsAsync(["message-delivery"], Cancellation))[0].Added);
    }

    [Fact]
    public async Task Pages_lead_through_all_jobs_newest_first()
    {
        await using var gateway = await GatewayHost.StartAsync();
        for (var i = 0; i < 7; i++)
        {
            using var added = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message($"job-{i}"));
        }

        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var (_, page) = await gateway.GetAsync($"{Delivery}/jobs?limit=3{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            seen.AddRange(page!["jobs"]!.AsArray().Select(job => job!["jobId"]!.GetValue<string>()));
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(i => $"job-{i}"), seen);
    }

    [Theory]
    [InlineData("/jobs?state=lost", "state")]
    [InlineData("/jobs?state=1", "state")]
    [InlineData("/jobs?limit=0", "limit")]
    [InlineData("/jobs?limit=1001", "limit")]
    [InlineData("/jobs?limit=x", "limit")]
    [InlineData("/jobs?cursor=x", "cursor")]
    [InlineData("/failed?limit=-1", "limit")]
    public async Task A_wrong_query_names_the_parameter(string path, string parameter)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var (status, body) = await gateway.GetAsync(Delivery + path);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([parameter], body!["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task Failed_jobs_are_listed_with_their_reason_and_wait_again_when_retried()
    {
        await using var gateway = await GatewayHost.StartAsync();
        foreach (var id in new[] { "a", "b", "c" })
        {
            await gateway.FailAsync("message-delivery", id);
        }

        var (_, failed) = await gateway.GetAsync($"{Delivery}/failed");
        Assert.Equal(["c", "b", "a"], failed!.AsArray().Select(job => job!["jobId"]!.GetValue<string>()));
        Assert.All(failed.AsArray(), job => Assert.Equal(("broken", 1), (job!["error"]!["message"]!.GetValue<string>(), job["attempts"]!.GetValue<int>())));

        using var first = await gateway.Client.GetAsync(new Uri($"{Delivery}/failed?limit=2&data=false", UriKind.Relative), Cancellation);
        var next = Assert.Single(first.Headers.GetValues("Link"));
        Assert.EndsWith(">; rel=\"next\"", next, StringComparison.Ordinal);
        using var last = await gateway.Client.GetAsync(new Uri(next[1..next.IndexOf('>', StringComparison.Ordinal)], UriKind.Relative), Cancellation);
        Assert.Equal("a", Assert.Single((await last.Content.ReadFromJsonAsync<JsonArray>(Cancellation))!)!["jobId"]!.GetValue<string>());
        var back = Assert.Single(last.Headers.GetValues("Link"));
        Assert.EndsWith(">; rel=\"prev\"", back, StringComparison.Ordinal);
        var (_, before) = await gateway.GetAsync(back[1..back.IndexOf('>', StringComparison.Ordinal)]);
        Assert.Equal(["c", "b"], before!.AsArray().Select(job => (string)job!["jobId"]!));
        using var nonsense = await gateway.Client.GetAsync(new Uri($"{Delivery}/failed?cursor=nonsense", UriKind.Relative), Cancellation);
        Assert.Contains("cursor", await nonsense.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);

        using var one = await gateway.PostAsync($"{Delivery}/failed/retry", """{"jobIds":["a","nobody"]}""");
        using var rest = await gateway.PostAsync($"{Delivery}/failed/retry");
        Assert.Equal(1, (await one.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["retried"]!.GetValue<int>());
        Assert.Equal(2, (await rest.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["retried"]!.GetValue<int>());
        Assert.Equal(3, (await gateway.Store.GetMetricsAsync(["message-delivery"], Cancellation))[0].Waiting);
    }

    [Fact]
    public async Task What_can_be_done_with_a_job_depends_on_its_state()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var waiting = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message("waiting"));
        using var delayed = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message("delayed", """{"delay":60000}"""));

        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync("waiting/retry"));
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync("waiting/promote"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("nobody/cancel"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("delayed/promote"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("waiting/cancel"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("waiting/retry"));
        using var removed = await gateway.Client.DeleteAsync(new Uri($"{Delivery}/jobs/waiting", UriKind.Relative), Cancellation);
        using var again = await gateway.Client.DeleteAsync(new Uri($"{Delivery}/jobs/waiting", UriKind.Relative), Cancellation);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (removed.StatusCode, again.StatusCode));

        async Task<HttpStatusCode> StatusAsync(string action)
        {
            using var answer = await gateway.PostAsync($"{Delivery}/jobs/{action}");
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_paused_queue_shows_its_jobs_as_paused_and_health_and_metrics_say_so()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var added = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message("a"));

        using var pause = await gateway.PostAsync($"{Delivery}/pause");
        var (_, metrics) = await gateway.GetAsync($"{Delivery}/metrics");
        var (_, health) = await gateway.GetAsync($"{Delivery}/health");
        using var resume = await gateway.PostAsync($"{Delivery}/resume");
        var (_, all) = await gateway.GetAsync("/queue/metrics");

        Assert.Equal((1, 0), (metrics!["paused"]!.GetValue<int>(), metrics["waiting"]!.GetValue<int>()));
        Assert.False(health!["checks"]!["processing"]!.GetValue<bool>());
        Assert.Equal((1, 6), (all!["totals"]!["waiting"]!.GetValue<int>(), all["queues"]!.AsObject().Count));
    }

    [Fact]
    public async Task Health_is_judged_by_the_thresholds()
    {
        await using var gateway = await GatewayHost.StartAsync(null, ("Health:MaxWaiting", "1"));
        Assert.Equal("healthy", (await gateway.GetAsync("/queue/health")).Body!["status"]!.GetValue<string>());

        for (var i = 0; i < 2; i++)
        {
            using var added = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message());
        }

        Assert.Equal("degraded", (await gateway.GetAsync($"{Delivery}/health")).Body!["status"]!.GetValue<string>());
        await gateway.FailAsync("message-delivery", "a");
        var (status, body) = await gateway.GetAsync($"{Delivery}/health");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unhealthy"), (status, body!["status"]!.GetValue<string>()));
        Assert.True(body["checks"]!["highFailureRate"]!.GetValue<bool>());
    }

    [Fact]
    public async Task While_the_job_store_is_away_adds_get_503_and_add_nothing()
    {
        await using var gateway = await GatewayHost.StartAsync(AwayStore.Over);

        using var answer = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message("a"));
        var (status, health) = await gateway.GetAsync("/queue/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.False(health!["queues"]!["message-delivery"]!["checks"]!["redis"]!.GetValue<bool>());
        Assert.Null(await gateway.Store.GetAsync("message-delivery", "a", Cancellation));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a%252Fb")]
    [InlineData("50%")]
    [InlineData("/")]
    [InlineData("ä?#&+:@")]
    public async Task A_job_is_found_at_its_location_whatever_its_id(string jobId)
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var added = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message(jobId));

        var (status, record) = await gateway.GetAsync(added.Headers.Location!.ToString());
        using var cancelled = await gateway.PostAsync($"{added.Headers.Location}/cancel");

        Assert.Equal((HttpStatusCode.OK, jobId), (status, record!["jobId"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
    }

    [Fact]
    public async Task A_watcher_knows_at_once_that_it_is_connected_and_the_service_stops_all_the_same()
    {
        var gateway = await GatewayHost.StartAsync();
        using var answer = await gateway.Client.GetAsync(new Uri("/queue/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        await using var stream = await answer.Content.ReadAsStreamAsync(Cancellation);

        await gateway.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task A_jobs_events_are_streamed_until_it_ends()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var added = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message("a"));
        using var stream = new StreamReader(await gateway.Client.GetStreamAsync(new Uri($"{Delivery}/jobs/a/events", UriKind.Relative), Cancellation));
        var events = SseParser.Create(stream.BaseStream).EnumerateAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        await events.MoveNextAsync();
        var first = events.Current;

        var begun = await gateway.Store.BeginAsync("message-delivery", [new BeginRequest("a")], Cancellation);
        await gateway.Store.ReportAsync("message-delivery", [new RunReport(begun[0].Run!.Key) { Logs = ["half way"] }], Cancellation);
        await gateway.Store.FinishAsync("message-delivery", [new RunEnd(begun[0].Run!.Key, RunEndKind.Completed)], Cancellation);
        var rest = new List<SseItem<string>>();
        while (await events.MoveNextAsync())
        {
            rest.Add(events.Current);
        }

        Assert.Equal(("state", true), (first.EventType, first.Data.Contains("\"waiting\"", StringComparison.Ordinal)));
        Assert.Contains(rest, change => change.EventType == "log" && change.Data.Contains("half way", StringComparison.Ordinal));
        Assert.Equal(("state", true), (rest[^1].EventType, rest[^1].Data.Contains("\"completed\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_event_that_no_service_could_receive_becomes_a_failed_job_and_own_dead_letters_change_nothing()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync("message-delivery", "ours");
        var subscriptions = await gateway.Client.GetFromJsonAsync<JsonArray>("/dapr/subscribe", Cancellation);

        using var original = await gateway.PostAsync(
            "/dead-letters/jobs/message-delivery", $$"""{"id":"event-1","specversion":"1.0","data":{{GatewayHost.Message("lost")}} }""", "application/cloudevents+json");
        using var own = await gateway.PostAsync(
            "/dead-letters/jobs/message-delivery", """{"id":"event-2","specversion":"1.0","data":{"jobId":"ours","reason":"handler","envelope":{} }}""", "application/cloudevents+json");

        Assert.Equal(24, subscriptions!.Count);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (original.StatusCode, own.StatusCode));
        var (_, record) = await gateway.GetAsync($"{Delivery}/jobs/lost");
        Assert.Equal(("failed", "undeliverable"), (record!["state"]!.GetValue<string>(), record["error"]!["code"]!.GetValue<string>()));
        Assert.Equal(2, (await gateway.Store.GetMetricsAsync(["message-delivery"], Cancellation))[0].Failed);
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/dashboard/style.css", "text/css")]
    [InlineData("/dashboard/app.js", "text/javascript")]
    [InlineData("/openapi/v1.json", "application/json")]
    [InlineData("/healthz", "application/json")]
    public async Task The_pages_are_served(string path, string contentType)
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.Client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(contentType, answer.Content.Headers.ContentType!.MediaType);
    }

    /// <summary>A store that never answers.</summary>
    public class AwayStore : DispatchProxy
    {
        public static IJobStore Over(IJobStore store) => Create<IJobStore, AwayStore>();

        // Its parts are there, and answer no more than it does.
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod is { IsSpecialName: true } ? Create(targetMethod.ReturnType, typeof(AwayStore)) : throw new JobStoreUnavailableException();
    }
}
