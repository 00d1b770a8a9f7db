using System.Text;
using System.Text.Json.Nodes;

namespace WhiteCross.Conformance.Tests;

/// <summary>What an app gets of an event, to the byte where services depend on it.</summary>
[Collection(nameof(SharedSidecars))]
public sealed class EventConformance(SharedSidecars sidecars)
{
    public static TheoryData<string> Runtimes => DaprRuntimes.All;

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_time_of_an_envelope_has_Z_where_the_offset_is_zero(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        var mark = await PublishAsync(shared, SharedSidecar.Single, mark => mark.ToJsonString());

        var time = (await FindAsync(shared, SharedSidecar.Single, mark)).Json["time"]!.GetValue<string>();

        var expected = TimeZoneInfo.Local.GetUtcOffset(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)) == TimeSpan.Zero ? @"Z" : @"[+-]\d\d:\d\d";
        Assert.Matches($@"^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d{expected}$", time);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_entries_of_a_bulk_delivery_say_that_they_are_CloudEvents(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        var plain = await PublishAsync(shared, SharedSidecar.Bulk, mark => mark.ToJsonString());
        var withMetadata = await PublishAsync(shared, SharedSidecar.Bulk, mark => mark.ToJsonString(), "?metadata.ttlInSeconds=600");

        var (first, second) = (await EntryAsync(shared, SharedSidecar.Bulk, plain), await EntryAsync(shared, SharedSidecar.Bulk, withMetadata));

        Assert.Equal(("application/cloudevents+json", "application/cloudevents+json"), (first["contentType"]!.GetValue<string>(), second["contentType"]!.GetValue<string>()));
        Assert.True(first.ContainsKey("metadata"));
        Assert.Null(first["metadata"]);
        Assert.Equal("600", second["metadata"]!["ttlInSeconds"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_raw_publish_reaches_a_subscriber_who_did_not_ask_for_raw_as_it_is(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        var body = string.Empty;
        var mark = await PublishAsync(
            shared, SharedSidecar.Single, mark => body = $$"""{ "type": "order", "data": {{mark.ToJsonString()}},  "n": 1.50 }""", "?metadata.rawPayload=true");

        var call = await FindAsync(shared, SharedSidecar.Single, mark);

        Assert.Equal(body, Encoding.UTF8.GetString(call.Bytes));
        Assert.Equal("application/cloudevents+json", call.Headers["Content-Type"]);
        Assert.Equal("true", call.Headers["rawPayload"]);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_raw_publish_is_an_entry_of_a_bulk_delivery_as_it_is(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        var mark = await PublishAsync(shared, SharedSidecar.Bulk, mark => $$"""{"type":"order","data":{{mark.ToJsonString()}}}""", "?metadata.rawPayload=true");

        var entry = await EntryAsync(shared, SharedSidecar.Bulk, mark);

        Assert.Equal($$"""{"type":"order","data":{{mark.ToJsonString()}}}""", entry["event"]!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_subscriber_who_asks_for_raw_gets_the_bytes_in_base64(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        var single = await PublishAsync(shared, SharedSidecar.Raw, mark => $"not JSON: {mark}", "?metadata.rawPayload=true");
        var bulk = await PublishAsync(shared, SharedSidecar.RawBulk, mark => $"not JSON: {mark}", "?metadata.rawPayload=true");

        var call = await shared.App.WaitForAsync("/" + SharedSidecar.Raw, 1);
        var entries = (await shared.App.WaitForAsync("/" + SharedSidecar.RawBulk, 1))[0].Json["entries"]!.AsArray();

        Assert.Equal($"not JSON: {single}", Encoding.UTF8.GetString(Convert.FromBase64String(call[0].Json["data_base64"]!.GetValue<string>())));
        Assert.Equal("application/octet-stream", call[0].Json["datacontenttype"]!.GetValue<string>());
        Assert.Equal($"not JSON: {bulk}", Encoding.UTF8.GetString(Convert.FromBase64String(entries.Single()!["event"]!.GetValue<string>())));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task What_is_no_JSON_object_is_dead_lettered_and_not_delivered(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        string[] bodies = ["not JSON", "[1]", "5"];
        foreach (var body in bodies)
        {
            await PublishAsync(shared, SharedSidecar.Single, _ => body, "?metadata.rawPayload=true");
        }

        var dead = await shared.Graveyard.WaitForAsync("/" + SharedSidecar.Single, bodies.Length);

        Assert.Equal(bodies.Order(), dead.Select(call => Encoding.UTF8.GetString(Convert.FromBase64String(call.Json["data_base64"]!.GetValue<string>()))).Order());
        Assert.DoesNotContain(shared.App.CallsOf("/" + SharedSidecar.Single), call => bodies.Contains(Encoding.UTF8.GetString(call.Bytes)));
    }

    /// <summary>Publishes something with a mark of its own in it.</summary>
    private static async Task<JsonNode> PublishAsync(SharedSidecar shared, string name, Func<JsonNode, string> body, string query = "")
    {
        var mark = JsonValue.Create(Guid.NewGuid().ToString());
        using var answer = await shared.SendAsync("POST", $"/v1.0/publish/pubsub/{shared.Topic(name)}{query}", body(mark));
        Assert.Equal(204, (int)answer.StatusCode);
        return mark;
    }

    private static async Task<ReceivedCall> FindAsync(SharedSidecar shared, string name, JsonNode mark)
    {
        ReceivedCall? found = null;
        await Waiting.UntilAsync(
            () => Task.FromResult((found = shared.App.CallsOf("/" + name).FirstOrDefault(call => Encoding.UTF8.GetString(call.Bytes).Contains(mark.ToJsonString(), StringComparison.Ordinal))) is not null),
            TimeSpan.FromSeconds(30),
            "the event");
        return found!;
    }

    private static async Task<JsonObject> EntryAsync(SharedSidecar shared, string name, JsonNode mark) =>
        (await FindAsync(shared, name, mark)).Json["entries"]!.AsArray()
            .Single(entry => entry!.ToJsonString().Contains(mark.ToJsonString(), StringComparison.Ordinal))!.AsObject();
}
