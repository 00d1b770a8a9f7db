using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.Gateway.Tests;

/// <summary>Anybody can publish anything, and the sidecar can fail to deliver all of it: nothing of that may vanish without a trace, or come again for ever.</summary>
public sealed class OddDeadLetterTests
{
    private const string Queue = "message-cleanup";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string LongId => new('x', 129);

    public static TheoryData<string, string> OddEvents => new()
    {
        { "bytes that are no JSON", $$"""{"id":"odd","specversion":"1.0","data_base64":"{{Convert.ToBase64String([1, 2, 0xff])}}"}""" },
        { "half a JSON object", $$"""{"id":"odd","specversion":"1.0","data_base64":"{{Convert.ToBase64String("{\"reason\":"u8)}}"}""" },
        { "text", """{"id":"odd","specversion":"1.0","datacontenttype":"text/plain","data":"hello"}""" },
        { "half a surrogate pair", """{"id":"odd","specversion":"1.0","data":{"\ud800":1}}""" },
        { "no data", """{"id":"odd","specversion":"1.0"}""" },
        { "a list", """{"id":"odd","specversion":"1.0","data":[1,2]}""" },
        { "a reference to an id that is none", """{"id":"odd","specversion":"1.0","data":{"jobId":"with space"}}""" },
        { "a reference to an id that is too long", $$"""{"id":"odd","specversion":"1.0","data":{"jobId":"{{LongId}}"} }""" },
    };

    [Theory]
    [MemberData(nameof(OddEvents))]
    public async Task An_event_that_can_be_no_job_is_on_record_as_failed_under_its_own_id(string what, string body)
    {
        await using var gateway = await GatewayHost.StartAsync();

        await DeliverAsync(gateway, body);
        await DeliverAsync(gateway, body);

        var failed = Assert.Single((await gateway.GetAsync($"/queue/{Queue}/failed")).Body!.AsArray());
        Assert.True(failed!["jobId"]!.GetValue<string>() == "odd", $"{what} is on record as {failed["jobId"]}");
        Assert.Equal("invalid", failed["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_reason_never_repeats_what_was_in_the_event()
    {
        await using var gateway = await GatewayHost.StartAsync();

        await DeliverAsync(gateway, """{"id":"odd","specversion":"1.0","data":{"cleanupType":"Jane Doe, +41791234567"}}""");

        var failed = Assert.Single((await gateway.GetAsync($"/queue/{Queue}/failed")).Body!.AsArray());
        Assert.DoesNotContain("Jane", failed!["error"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OddEvents))]
    public async Task As_the_raw_subscription_delivers_it_it_is_the_same_job(string what, string body)
    {
        await using var gateway = await GatewayHost.StartAsync();

        await DeliverAsync(gateway, body);
        await DeliverAsync(gateway, Wrapped(Encoding.UTF8.GetBytes(body)));
        await DeliverAsync(gateway, Wrapped(Encoding.UTF8.GetBytes(body)));

        var failed = Assert.Single((await gateway.GetAsync($"/queue/{Queue}/failed")).Body!.AsArray());
        Assert.True(failed!["jobId"]!.GetValue<string>() == "odd", $"{what} is on record as {failed["jobId"]}");
    }

    [Fact]
    public async Task What_was_published_raw_is_on_record_under_its_own_job_id()
    {
        await using var gateway = await GatewayHost.StartAsync();

        await DeliverAsync(gateway, Wrapped("""{"jobId":"raw","data":{"cleanupType":"none of them"}}"""u8));
        await DeliverAsync(gateway, Wrapped("""{"jobId":"raw","data":{"cleanupType":"none of them"}}"""u8));

        var failed = Assert.Single((await gateway.GetAsync($"/queue/{Queue}/failed")).Body!.AsArray());
        Assert.Equal("raw", failed!["jobId"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_event_of_many_jobs_that_no_service_could_receive_fails_each_of_them_and_each_can_be_retried()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var data = Encoding.UTF8.GetBytes("""{"cleanupType":"old_messages"}""");
        await gateway.Store.AddAsync(
            Queue, [.. new[] { "a", "b", "c" }.Select(id => new WhiteCross.Jobs.Store.NewJob { JobId = id, Type = "cleanup-messages", Data = data })], Cancellation);

        await DeliverAsync(gateway, Wrapped("""{"id":"event","specversion":"1.0","data":{"jobId":"a","type":"cleanup-messages","data":null,"jobs":[{"jobId":"a"},{"jobId":"b"},{"jobId":"c"}]}}"""u8));

        var failed = (await gateway.GetAsync($"/queue/{Queue}/failed")).Body!.AsArray();
        Assert.Equal(["a", "b", "c"], failed.Select(job => job!["jobId"]!.GetValue<string>()).Order());
        Assert.All(failed, job => Assert.Equal("undeliverable", job!["error"]!["code"]!.GetValue<string>()));
        using var retried = await gateway.PostAsync($"/queue/{Queue}/failed/retry", "{}"u8.ToArray(), "application/json");
        Assert.Equal(3, JsonNode.Parse(await retried.Content.ReadAsStringAsync(Cancellation))!["retried"]!.GetValue<int>());
    }

    [Fact]
    public async Task What_is_no_JSON_is_counted_and_said_once_with_its_topic_and_size()
    {
        var counted = 0L;
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "whitecross.jobs.events.unreadable")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counted += tags[0].Value as string == Queue ? count : 0);
        listener.Start();
        await using var gateway = await GatewayHost.StartAsync();

        await DeliverAsync(gateway, Wrapped("no JSON at all"u8));

        Assert.Equal(1, counted);
        Assert.Empty((await gateway.GetAsync($"/queue/{Queue}/failed")).Body!.AsArray());
    }

    /// <summary>What a sidecar makes of an event for a raw subscription; the id is another one at each delivery.</summary>
    private static string Wrapped(ReadOnlySpan<byte> bytes) =>
        $$"""{"id":"{{Guid.NewGuid()}}","specversion":"1.0","type":"com.dapr.event.sent","source":"Dapr","topic":"{{Queue}}.dead-letter","pubsubname":"jobs","datacontenttype":"application/octet-stream","data_base64":"{{Convert.ToBase64String(bytes)}}"}""";

    private static async Task DeliverAsync(GatewayHost gateway, string body)
    {
        using var answer = await gateway.PostAsync($"/dead-letters/jobs/{Queue}", Encoding.UTF8.GetBytes(body), "application/cloudevents+json");
        answer.EnsureSuccessStatusCode();
        var status = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["status"]!;
        Assert.Equal(("SUCCESS", JsonValueKind.String), (status.GetValue<string>(), status.GetValueKind()));
    }
}
