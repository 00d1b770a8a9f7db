using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>One event is one job, however often and in whichever form it is delivered, and whatever it lacks.</summary>
public sealed class EventIdentityTests
{
    private const string Data = """{"messageId":"0198c0de-0000-7000-8000-000000000001","operation":"index","content":"x"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("\"id\":\"\",")]
    [InlineData("\"id\":null,")]
    [InlineData("\"id\":17,")]
    [InlineData("\"id\":{\"of\":1},")]
    [InlineData("\"id\":\"\\ud800\",")]
    [InlineData("\"id\":\"two words\",")]
    [InlineData("\"id\":\"tab\\there\",")]
    [InlineData("\"id\":\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\",")]
    public async Task An_event_without_a_usable_id_is_one_job_however_often_it_is_delivered(string id)
    {
        var runs = 0;
        await using var service = await QueueService.StartAsync((job, token) =>
        {
            Interlocked.Increment(ref runs);
            return DeliveryTests.Complete(job, token);
        });
        var text = Event(id, Data, "2026-03-01T12:00:00Z");

        for (var i = 0; i < 3; i++)
        {
            await PostAsync(service, text);
        }

        await PostBulkAsync(service, text);

        Assert.Equal(1, runs);
        Assert.Equal(1, (await service.Store.GetMetricsAsync([QueueService.Queue], Cancellation))[0].Added);
    }

    [Theory]
    [InlineData("", "", "2026-03-01T12:00:01Z", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")] // Tracing is off: the second tells them apart.
    [InlineData("", "", "2026-03-01T12:00:00Z", "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01")]
    [InlineData("\"id\":17,", "\"id\":18,", "2026-03-01T12:00:00Z", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("\"id\":\"a b\",", "\"id\":\"a c\",", "2026-03-01T12:00:00Z", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    public async Task Two_wanted_twins_are_two_jobs(string id, string otherId, string time, string traceParent)
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        await PostAsync(service, Event(id, Data, "2026-03-01T12:00:00Z"));
        await PostAsync(service, Event(otherId, Data, time, traceParent));

        Assert.Equal(2, (await service.Store.GetMetricsAsync([QueueService.Queue], Cancellation))[0].CompletedTotal);
    }

    [Fact]
    public async Task An_event_that_a_sidecar_writes_anew_for_a_bulk_is_the_same_job()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        await PostAsync(service, """{"specversion":"1.0","time":"2026-03-01T12:00:00Z","traceparent":"","data":{"messageId":"0198c0de-0000-7000-8000-000000000001","operation":"index","content":"\u0041","metadata":{"b":1.0,"a":[1e2]}}}""");
        await PostBulkAsync(service, """{ "data": { "content": "A", "metadata": { "a": [ 100 ], "b": 1 }, "messageId": "0198c0de-0000-7000-8000-000000000001", "operation": "index" }, "specversion": "1.0", "time": "2026-03-01T12:00:00Z", "traceparent": "" }""");

        Assert.Equal(1, (await service.Store.GetMetricsAsync([QueueService.Queue], Cancellation))[0].Added);
    }

    [Fact]
    public async Task The_envelopes_job_id_wins_over_whatever_the_event_has()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        await PostAsync(service, Event("", $$"""{"jobId":"mine","data":{{Data}}}""", "2026-03-01T12:00:00Z"));
        await PostAsync(service, Event("\"id\":\"other\",", $$"""{"jobId":"mine","data":{{Data}}}""", "2026-03-01T12:00:09Z"));

        Assert.Equal(JobState.Completed, (await service.FindAsync("mine"))!.State);
        Assert.Equal(1, (await service.Store.GetMetricsAsync([QueueService.Queue], Cancellation))[0].Added);
    }

    [Fact]
    public async Task An_event_published_raw_is_all_envelope_with_its_job_id_and_options()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        await PostAsync(service, $$"""{"jobId":"raw","type":"index-message","data":{{Data}},"options":{"priority":"HIGH","delay":60000} }""");

        var record = (await service.FindAsync("raw"))!;
        Assert.Equal((JobState.Delayed, JobPriority.High), (record.State, record.Priority));
        Assert.InRange(record.NextAttemptAt!.Value - record.CreatedAt, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(70));
    }

    [Fact]
    public async Task A_raw_event_that_is_not_valid_fails_under_its_own_job_id()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        await PostAsync(service, """{"jobId":"raw","type":"index-message","data":{"messageId":7}}""");

        var record = (await service.FindAsync("raw"))!;
        Assert.Equal((JobState.Failed, JobErrorCodes.Invalid), (record.State, record.Error!.Code));
        Assert.Contains("data.messageId", record.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1,2]")]
    [InlineData("\"text\"")]
    [InlineData("17")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"\\ud800\":1}")]
    public async Task Raw_JSON_that_is_no_envelope_is_one_failed_job(string json)
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        await PostAsync(service, json);
        await PostAsync(service, json);
        await PostBulkAsync(service, json);

        var metrics = (await service.Store.GetMetricsAsync([QueueService.Queue], Cancellation))[0];
        Assert.Equal((1, 1), (metrics.Added, metrics.Failed));
    }

    [Fact]
    public async Task Raw_bare_data_runs()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        await PostAsync(service, Data);

        Assert.Equal(1, (await service.Store.GetMetricsAsync([QueueService.Queue], Cancellation))[0].CompletedTotal);
    }

    public static TheoryData<string> TooMuch => new(
        $$"""{"jobId":"mine","type":"index-message","data":{"content":"{{new string('x', JobLimits.EnvelopeBytes)}}"} }""",
        $$"""{"data":{"content":"{{new string('x', JobLimits.EnvelopeBytes)}}"},"jobId":"mine"}""",
        $$"""{"jobId":"mine","type":"index-message","data":{{new string('[', 100)}}{{new string(']', 100)}}}""",
        $$"""{"jobId":"mine","data":{{new string('[', 9000)}}{{new string(']', 9000)}}}""",
        $$"""{"jobId":"mine","data":{"content":"{{new string('x', JobLimits.DataBytes)}}"} }""");

    [Theory]
    [MemberData(nameof(TooMuch))]
    public async Task An_envelope_beyond_the_limits_of_size_or_depth_fails_under_its_own_job_id(string envelope)
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);

        await PostAsync(service, Event("\"id\":\"event\",", envelope, "2026-03-01T12:00:00Z"));
        await PostAsync(service, envelope);

        var record = (await service.FindAsync("mine"))!;
        Assert.Equal((JobState.Failed, JobErrorCodes.Invalid, JobTypes.IndexMessage), (record.State, record.Error!.Code, record.Type));
        Assert.Null(await service.FindAsync("event"));
        Assert.Equal(1, (await service.Store.GetMetricsAsync([QueueService.Queue], Cancellation))[0].Added);
    }

    private static string Event(string id, string data, string time, string traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") =>
        $$"""{{{id}}"specversion":"1.0","type":"com.dapr.event.sent","source":"test","datacontenttype":"application/json","time":"{{time}}","traceparent":"{{traceParent}}","data":{{data}}}""";

    private static async Task PostAsync(QueueService service, string text)
    {
        using var answer = await service.PostAsync(text, "application/cloudevents+json");
        Assert.Equal("""{"status":"SUCCESS"}""", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private static async Task PostBulkAsync(QueueService service, string text)
    {
        var body = $$"""{"id":"{{Guid.NewGuid()}}","entries":[{"entryId":"{{Guid.NewGuid()}}","event":{{text}},"metadata":null,"contentType":"application/cloudevents+json"}]}""";
        using var answer = await service.PostAsync(Encoding.UTF8.GetBytes(body), "application/json");
        var statuses = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["statuses"]!.AsArray();
        Assert.Equal("SUCCESS", Assert.Single(statuses)!["status"]!.GetValue<string>());
    }
}
