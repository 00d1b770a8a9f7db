using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapr.Client;

namespace WhiteCross.Conformance.Tests;

/// <summary>The sidecar's answers over HTTP where something is wrong, strange or only told: codes and statuses are what clients go by.</summary>
[Collection(nameof(SharedSidecars))]
public sealed class HttpConformance(SharedSidecars sidecars)
{
    private static readonly (string Method, string Path, string Body, int Status, string Code)[] Questions =
    [
        ("GET", "/v1.0/nothing", "", 404, "ERR_DIRECT_INVOKE"),
        ("POST", "/nothing/at/all", "{}", 404, "ERR_DIRECT_INVOKE"),
        ("GET", "/v1.0/file.json", "", 404, "ERR_DIRECT_INVOKE"),
        ("GET", "/v1.0/publish/pubsub/topic", "", 404, "ERR_DIRECT_INVOKE"),
        ("POST", "/v1.0/publish/pubsub/", "{}", 404, "ERR_DIRECT_INVOKE"),
        ("POST", "/v1.0/publish/nobody/topic", "{}", 404, "ERR_PUBSUB_NOT_FOUND"),
        ("POST", "/v1.0/publish/pubsub/topic?metadata.rawPayload=maybe", "{}", 400, "ERR_PUBSUB_REQUEST_METADATA"),
        ("POST", "/v1.0/publish/bulk/nobody/topic", "[]", 404, "ERR_PUBSUB_NOT_FOUND"),
        ("POST", "/v1.0/publish/bulk/pubsub/topic", "{", 400, "ERR_PUBSUB_EVENTS_SER"),
        ("POST", "/v1.0/publish/bulk/pubsub/topic", """[{"event":"a","contentType":"text/plain"}]""", 400, "ERR_PUBSUB_EVENTS_SER"),
        ("POST", "/v1.0/publish/bulk/pubsub/topic", """[{"entryId":"1","event":5}]""", 400, "ERR_PUBSUB_EVENTS_SER"),
        ("POST", "/v1.0/publish/bulk/pubsub/topic", """[{"entryId":"1","event":{"a":1},"contentType":"text/plain"}]""", 400, "ERR_PUBSUB_EVENTS_SER"),
        ("POST", "/v1.0/bindings/nope", """{"operation":"create","data":1}""", 500, "ERR_INVOKE_OUTPUT_BINDING"),
        ("GET", "/v1.0/state/nope/a", "", 400, "ERR_STATE_STORE_NOT_FOUND"),
        ("POST", "/v1.0/state/nope", "[]", 400, "ERR_STATE_STORE_NOT_FOUND"),
        ("POST", "/v1.0/state/nope/bulk", """{"keys":[]}""", 400, "ERR_STATE_STORE_NOT_FOUND"),
        ("POST", "/v1.0/state/nope/transaction", """{"operations":[]}""", 400, "ERR_STATE_STORE_NOT_FOUND"),
        ("DELETE", "/v1.0/state/nope/a", "", 400, "ERR_STATE_STORE_NOT_FOUND"),
        ("POST", "/v1.0/state/store", "{", 400, "ERR_MALFORMED_REQUEST"),
        ("POST", "/v1.0/state/store", """[{"key":"a||b","value":1}]""", 400, "ERR_MALFORMED_REQUEST"),
        ("POST", "/v1.0/state/store", """[{"key":"a","value":1,"metadata":{"ttlInSeconds":"x"}}]""", 500, "ERR_STATE_SAVE"),
        ("POST", "/v1.0/state/store/transaction", """{"operations":[{"operation":"increment","request":{"key":"a"}}]}""", 400, "ERR_NOT_SUPPORTED_STATE_OPERATION"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Runtimes => DaprRuntimes.All;

    public static TheoryData<string, string, string, string, int, string> Wrong
    {
        get
        {
            var data = new TheoryData<string, string, string, string, int, string>();
            foreach (var runtime in DaprRuntimes.All)
            {
                foreach (var (method, path, body, status, code) in Questions)
                {
                    data.Add(runtime, method, path, body, status, code);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_gets_Daprs_status_code_and_text(string runtime, string method, string path, string body, int status, string code)
    {
        var shared = await sidecars.GetAsync(runtime);

        using var answer = await shared.SendAsync(method, path, body);

        var error = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        Assert.Equal((status, code), ((int)answer.StatusCode, error!["errorCode"]!.GetValue<string>()));
        Assert.NotEmpty(error["message"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task An_address_that_there_is_not_is_an_invocation_without_an_app(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);

        using var answer = await shared.SendAsync("POST", "/v1.0/publish/pubsub/", "{}");

        Assert.Contains(
            "failed getting app id either from the URL path or the header dapr-app-id",
            (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["message"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Of_a_bulk_with_a_wrong_entry_nothing_is_published(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        var (topic, mark) = (shared.Topic(SharedSidecar.Single), Guid.NewGuid().ToString());

        using var refused = await shared.SendAsync(
            "POST", $"/v1.0/publish/bulk/pubsub/{topic}", $$"""[{"entryId":"1","event":"{{mark}}","contentType":"text/plain"},{"entryId":"2","event":5,"contentType":"text/plain"}]""");
        using var taken = await shared.SendAsync("POST", $"/v1.0/publish/bulk/pubsub/{topic}", $$"""[{"entryId":"1","event":"{{mark}}-b","contentType":"text/plain"}]""");
        await Waiting.UntilAsync(() => Task.FromResult(Events().Any(text => text.Contains(mark + "-b", StringComparison.Ordinal))), TimeSpan.FromSeconds(60), "the event that is right");

        Assert.Equal((400, 204), ((int)refused.StatusCode, (int)taken.StatusCode));
        Assert.DoesNotContain(Events(), text => text.Contains($"\"{mark}\"", StringComparison.Ordinal));

        IEnumerable<string> Events() => shared.App.CallsOf("/" + SharedSidecar.Single).Select(call => Encoding.UTF8.GetString(call.Bytes));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task An_ETag_has_no_quotes_in_either_direction(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        using var saved = await shared.SendAsync("POST", "/v1.0/state/store", """[{"key":"etag","value":{"n":1}}]""");
        using var read = await shared.SendAsync("GET", "/v1.0/state/store/etag");

        var etag = read.Headers.NonValidated["ETag"].ToString();
        using var stale = await shared.SendAsync("DELETE", "/v1.0/state/store/etag", header: "If-Match: 99");
        using var deleted = await shared.SendAsync("DELETE", "/v1.0/state/store/etag", header: $"If-Match: {etag}");
        using var gone = await shared.SendAsync("GET", "/v1.0/state/store/etag");

        Assert.Equal("1", etag);
        Assert.Equal((204, 409, 204, 204), ((int)saved.StatusCode, (int)stale.StatusCode, (int)deleted.StatusCode, (int)gone.StatusCode));
        Assert.Equal("ERR_STATE_DELETE", (await stale.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["errorCode"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Many_keys_are_read_at_once(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        using var saved = await shared.SendAsync("POST", "/v1.0/state/store", """[{"key":"many-1","value":1},{"key":"many-2","value":"two"}]""");
        using var empty = await shared.SendAsync("POST", "/v1.0/state/store", "[]");

        using var read = await shared.SendAsync("POST", "/v1.0/state/store/bulk", """{"keys":["many-1","many-2","many-3"],"parallelism":2}""");

        var items = (await read.Content.ReadFromJsonAsync<JsonArray>(Cancellation))!.Select(item => item!.AsObject()).OrderBy(item => item["key"]!.GetValue<string>(), StringComparer.Ordinal).ToList();
        Assert.Equal((204, 204), ((int)saved.StatusCode, (int)empty.StatusCode));
        Assert.Equal(["1", "\"two\"", null], items.Select(item => item["data"]?.ToJsonString()));
        Assert.Equal("1", items[0]["etag"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_path_of_an_invocation_is_cleaned_before_it_goes_out(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);

        using var up = await shared.SendAsync("POST", $"/v1.0/invoke/{shared.AppId}/method/%2e%2e/cleaned-1", "{}");
        using var far = await shared.SendAsync("POST", $"/v1.0/invoke/{shared.AppId}/method/%2e%2e/%2e%2e/%2e%2e/v1.0/cleaned-2", "{}");
        using var within = await shared.SendAsync("POST", $"/v1.0/invoke/{shared.AppId}/method/a/../cleaned-3?x=..", "{}");

        Assert.Equal((200, 200, 200), ((int)up.StatusCode, (int)far.StatusCode, (int)within.StatusCode));
        Assert.Equal((1, 1, 1), (shared.App.CallsOf("/cleaned-1").Count, shared.App.CallsOf("/v1.0/cleaned-2").Count, shared.App.CallsOf("/cleaned-3").Count));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task An_app_is_invoked_by_a_header_too(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);

        using var answer = await shared.SendAsync("POST", "/by-header/it", "{}", header: $"dapr-app-id: {shared.AppId}");

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Single(shared.App.CallsOf("/by-header/it"));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_metadata_tells_what_daprd_tells(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);

        var metadata = (await shared.Http.GetFromJsonAsync<JsonObject>("/v1.0/metadata", Cancellation))!;

        Assert.Contains(metadata["actorRuntime"]!["runtimeStatus"]!.GetValue<string>(), (string[])["INITIALIZING", "DISABLED", "RUNNING"]);
        Assert.Contains("HotReload", metadata["enabledFeatures"]!.AsArray().Select(feature => feature!.GetValue<string>()));
        Assert.Equal(["conformance"], metadata["resiliencies"]!.AsArray().Select(resiliency => resiliency!["name"]!.GetValue<string>()));
        var store = metadata["components"]!.AsArray().Single(component => component!["name"]!.GetValue<string>() == "store")!;
        Assert.Superset(
            new HashSet<string> { "ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE", "ACTOR" }, store["capabilities"]!.AsArray().Select(capability => capability!.GetValue<string>()).ToHashSet());
        Assert.False(metadata["appConnectionProperties"]!.AsObject().ContainsKey("maxConcurrency"));
        Assert.False(metadata["extended"]!.AsObject().ContainsKey("sidecar"));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_SDK_reads_the_metadata_and_gets_the_same_errors(string runtime)
    {
        var shared = await sidecars.GetAsync(runtime);
        using var client = new DaprClientBuilder().UseGrpcEndpoint(shared.Sidecar.Grpc.ToString()).UseHttpEndpoint(shared.Sidecar.Http.ToString()).Build();

        var metadata = await client.GetMetadataAsync(Cancellation);
        var binding = await Assert.ThrowsAsync<Dapr.DaprException>(() => client.InvokeBindingAsync("nope", "create", 1, cancellationToken: Cancellation));
        var ttl = await Assert.ThrowsAsync<Dapr.DaprException>(() => client.SaveStateAsync(
            "store", "ttl", 1, metadata: new Dictionary<string, string> { ["ttlInSeconds"] = "x" }, cancellationToken: Cancellation));

        Assert.Equal(shared.AppId, metadata.Id);
        Assert.Contains("ACTOR", metadata.Components.Single(component => component.Name == "store").Capabilities);
        Assert.Equal(
            [Grpc.Core.StatusCode.Internal, Grpc.Core.StatusCode.Internal],
            new Exception[] { binding, ttl }.Select(exception => Assert.IsType<Grpc.Core.RpcException>(exception.InnerException).StatusCode));
    }
}
