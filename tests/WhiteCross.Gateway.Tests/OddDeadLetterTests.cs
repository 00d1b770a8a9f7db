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
        { "bytes that are no JSON", $$"""{"id":"odd","data_base64":"{{Convert.ToBase64String([1, 2, 0xff])}}"}""" },
        { "half a JSON object", $$"""{"id":"odd","data_base64":"{{Convert.ToBase64String("{\"reason\":"u8)}}"}""" },
        { "text", """{"id":"odd","datacontenttype":"text/plain","data":"hello"}""" },
        { "half a surrogate pair", """{"id":"odd","data":{"\ud800":1}}""" },
        { "no data", """{"id":"odd"}""" },
        { "a list", """{"id":"odd","data":[1,2]}""" },
        { "a reference to an id that is none", """{"id":"odd","data":{"jobId":"with space"}}""" },
        { "a reference to an id that is too long", $$"""{"id":"odd","data":{"jobId":"{{LongId}}"} }""" },
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

        await DeliverAsync(gateway, """{"id":"odd","data":{"cleanupType":"Jane Doe, +41791234567"}}""");

        var failed = Assert.Single((await gateway.GetAsync($"/queue/{Queue}/failed")).Body!.AsArray());
        Assert.DoesNotContain("Jane", failed!["error"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task DeliverAsync(GatewayHost gateway, string body)
    {
        using var answer = await gateway.PostAsync($"/dead-letters/jobs/{Queue}", Encoding.UTF8.GetBytes(body), "application/cloudevents+json");
        answer.EnsureSuccessStatusCode();
        var status = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["status"]!;
        Assert.Equal(("SUCCESS", JsonValueKind.String), (status.GetValue<string>(), status.GetValueKind()));
    }
}
