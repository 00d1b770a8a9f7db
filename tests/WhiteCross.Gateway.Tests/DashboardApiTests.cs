using System.Net;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway.Tests;

/// <summary>What the dashboard needs of the API beyond what publishers need.</summary>
public sealed class DashboardApiTests
{
    private const string Delivery = "/queue/message-delivery";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static IEnumerable<string> IdsOf(JsonNode? page) => page!["jobs"]!.AsArray().Select(job => job!["jobId"]!.GetValue<string>());

    [Theory]
    [InlineData("type=send-message", 3)]
    [InlineData("type=delivery-confirmation", 0)]
    [InlineData("priority=normal", 3)]
    [InlineData("priority=CRITICAL", 0)]
    [InlineData("text=FAIL", 1)]
    [InlineData("text=broken", 1)]
    [InlineData("from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z", 3)]
    [InlineData("to=2020-01-01T00:00:00Z", 0)]
    public async Task Jobs_are_filtered(string query, int found)
    {
        await using var gateway = await GatewayHost.StartAsync();
        foreach (var id in new[] { "a", "b" })
        {
            using var added = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message(id));
        }

        await gateway.FailAsync("message-delivery", "fails");

        var (status, page) = await gateway.GetAsync($"{Delivery}/jobs?{query}");

        Assert.Equal((HttpStatusCode.OK, found), (status, IdsOf(page).Count()));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://localhost:9411/api/v2/spans", "http://localhost:9411/zipkin/traces/{traceId}")]
    [InlineData("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://zipkin.cluster:9411/api/v2/spans", "")]
    [InlineData("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "", "")]
    [InlineData("Dashboard:TraceUrl", "https://traces.example/{traceId}", "https://traces.example/{traceId}")]
    public async Task A_jobs_trace_is_linked_where_a_browser_finds_it(string setting, string value, string link)
    {
        await using var gateway = await GatewayHost.StartAsync(null, (setting, value));

        Assert.Equal(link, (await gateway.GetAsync("/dashboard/settings")).Body!["traceUrl"]!.GetValue<string>());
    }

    [Fact]
    public async Task Who_works_on_a_queue_is_told_for_one_and_for_all()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.Store.Workers.ReportAsync("message-delivery", new WorkerStatus("pod-a", 10, 3), Cancellation);
        await gateway.Store.Workers.ReportAsync("message-delivery", new WorkerStatus("pod-b", 10, 4) { SlotsStuck = 1 }, Cancellation);

        var one = (await gateway.GetAsync($"{Delivery}/workers")).Body!;
        var all = (await gateway.GetAsync("/queue/workers")).Body!["queues"]!;

        Assert.Equal((20, 7, 1), (one["slots"]!.GetValue<int>(), one["slotsInUse"]!.GetValue<int>(), one["slotsStuck"]!.GetValue<int>()));
        Assert.Equal(["pod-a", "pod-b"], one["workers"]!.AsArray().Select(worker => worker!["id"]!.GetValue<string>()));
        Assert.True(JsonNode.DeepEquals(one, all["message-delivery"]));
        Assert.Empty(all["message-cleanup"]!["workers"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAsync("/queue/nowhere/workers")).Status);
    }

    [Theory]
    [InlineData("priority=soon", "priority")]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=x", "to")]
    public async Task A_filter_that_cannot_be_read_is_named(string query, string field)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var (status, problem) = await gateway.GetAsync($"{Delivery}/jobs?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotNull(problem!["errors"]![field]);
    }

    [Fact]
    public async Task Filtered_pages_miss_nothing_and_repeat_nothing()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var expected = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            var id = i % 3 == 0 ? $"wanted-{i}" : $"other-{i}";
            using var added = await gateway.PostAsync($"{Delivery}/jobs", GatewayHost.Message(id));
            if (i % 3 == 0)
            {
                expected.Add(id);
            }
        }

        var (found, cursor) = (new List<string>(), (string?)null);
        var (backwards, back) = (new List<string>(), (string?)null);
        do
        {
            var (_, page) = await gateway.GetAsync($"{Delivery}/jobs?text=wanted&limit=5{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            Assert.InRange(IdsOf(page).Count(), 0, 5);
            found.AddRange(IdsOf(page));
            back = page!["previousCursor"]?.GetValue<string>();
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);

        Assert.Equal(expected.Order(), found.Order());

        // And back again, from the last page.
        while (back is not null)
        {
            var (_, page) = await gateway.GetAsync($"{Delivery}/jobs?text=wanted&limit=5&cursor={Uri.EscapeDataString(back)}");
            backwards.InsertRange(0, IdsOf(page));
            back = page!["previousCursor"]?.GetValue<string>();
        }

        Assert.Equal(found.Take(backwards.Count), backwards);
        Assert.InRange(backwards.Count, found.Count - 5, found.Count);
    }

    [Fact]
    public async Task Without_data_a_record_says_nothing_of_what_the_job_is_about_and_revealing_it_is_on_record()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync("message-delivery", "a");
        foreach (var path in new[] { $"{Delivery}/jobs?data=false", $"{Delivery}/jobs/a?data=false", $"{Delivery}/failed?data=false", $"{Delivery}/jobs", $"{Delivery}/jobs/a", $"{Delivery}/failed" })
        {
            var (status, body) = await gateway.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.DoesNotContain("recipientId", body!.ToJsonString(), StringComparison.Ordinal);
        }

        using var withoutReason = await gateway.PostAsync($"{Delivery}/jobs/a/reveal");
        using var retried = await gateway.PostAsync($"{Delivery}/jobs/a/retry");
        using var cancelled = await gateway.PostAsync($"{Delivery}/jobs/a/cancel");
        Assert.Equal(HttpStatusCode.BadRequest, withoutReason.StatusCode);
        Assert.All([await retried.Content.ReadAsStringAsync(Cancellation), await cancelled.Content.ReadAsStringAsync(Cancellation)], text =>
        {
            Assert.Contains("jobId", text, StringComparison.Ordinal);
            Assert.DoesNotContain("recipientId", text, StringComparison.Ordinal);
        });
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.GetAsync($"{Delivery}/jobs/a?data=true")).Status);

        using var revealed = await gateway.PostAsync($"{Delivery}/jobs/a/reveal?reason=a%20complaint");

        Assert.Contains("recipientId", await revealed.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var (_, audit) = await gateway.GetAsync("/queue/audit");
        Assert.Equal(("RevealJob", "a"), (audit!["entries"]![0]!["action"]!.GetValue<string>(), audit["entries"]![0]!["target"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_history_counts_what_was_added_and_failed()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.FailAsync("message-delivery", "a");

        var (_, all) = await gateway.GetAsync("/queue/history");
        var (_, one) = await gateway.GetAsync($"{Delivery}/history?minutes=5");
        var (refused, problem) = await gateway.GetAsync($"{Delivery}/history?minutes=1441");

        var minutes = all!["queues"]!["message-delivery"]!["minutes"]!.AsArray();
        Assert.Equal((60, 1, 1), (minutes.Count, minutes.Sum(minute => (int)minute!["added"]!), minutes.Sum(minute => (int)minute!["failed"]!)));
        Assert.Equal(5, one!["minutes"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.BadRequest, refused);
        Assert.NotNull(problem!["errors"]!["minutes"]);
    }

    [Fact]
    public async Task The_pages_hold_nothing_inline_and_are_sent_once()
    {
        await using var gateway = await GatewayHost.StartAsync();
        foreach (var address in new[] { "/", "/queues/message-delivery", "/queues/message-delivery/jobs/a:b", "/dead-letters", "/batches", "/schedules", "/live" })
        {
            using var page = await gateway.Client.GetAsync(new Uri(address, UriKind.Relative), Cancellation);
            Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
            Assert.Contains("default-src 'none'; script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative)) { Headers = { IfNoneMatch = { page.Headers.ETag! } } };
            using var unchanged = await gateway.Client.SendAsync(again, Cancellation);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }
    }

    [Theory]
    [InlineData("Dashboard:TraceUrl", "zipkin")]
    [InlineData("Dashboard:AlertFailureRate", "2")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value)
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => GatewayHost.StartAsync(null, (setting, value)));
        Assert.Contains(setting.Split(':')[1], refusal.Message, StringComparison.Ordinal);
    }
}
