using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dapr.Client;
using WhiteCross.Sidecar;
using WhiteCross.Testing;

namespace WhiteCross.Conformance.Tests;

/// <summary>What the services rely on of Dapr's pub/sub; the sections are those of Dapr's facts that the design names.</summary>
public sealed class PubSubConformance(RedisServer redis)
{
    private const string Retry = "{ policy: constant, duration: 50ms, maxRetries: 2 }";

    private readonly EmbeddedBroker _broker = new(TimeProvider.System);
    private readonly string _topic = RedisServer.NewName("topic");

    public static TheoryData<string> Runtimes => DaprRuntimes.All;

    public static TheoryData<string> RuntimesOnRedis => DaprRuntimes.OnRedis;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_runtimes_at_hand_are_said()
    {
        TestContext.Current.SendDiagnosticMessage(
            "Conformance runs on: {0}. {1}",
            string.Join("; ", DaprRuntimes.All.Select(runtime => runtime.Data)),
            DaprRuntimes.DaprdPath is null ? "Real daprd is not at hand: set DAPRD_PATH, or put daprd on the PATH." : $"daprd: {DaprRuntimes.DaprdPath}");

        Assert.Contains(DaprRuntimes.All, runtime => runtime.Data == DaprRuntimes.Embedded);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_published_value_comes_in_an_envelope(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var sidecar = await StartAsync(runtime, app);

        await PublishAsync(sidecar, """{"n":12345678901234567890.10}""");
        await app.WaitForAsync(1);

        var call = app.Calls.Single();
        Assert.Equal(("/events", "application/cloudevents+json"), (call.Path, call.Headers["Content-Type"]));
        Assert.Equal("pubsub", call.Headers["pubsubName"]);
        var envelope = call.Json;
        Assert.Equal(
            ("1.0", "com.dapr.event.sent", "conformance", _topic, "pubsub", "application/json"),
            (Text("specversion"), Text("type"), Text("source"), Text("topic"), Text("pubsubname"), Text("datacontenttype")));
        Assert.True(Guid.TryParse(Text("id"), out _));
        Assert.Equal("""{"n":12345678901234567890.10}""", envelope["data"]!.ToJsonString());

        string Text(string name) => envelope[name]!.GetValue<string>();
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Text_is_published_as_text_and_a_CloudEvent_as_it_is(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var sidecar = await StartAsync(runtime, app);

        await PublishAsync(sidecar, "hello", "text/plain");
        await app.WaitForAsync(1);
        await PublishAsync(sidecar, """{"id":"mine","specversion":"1.0","type":"my.type","source":"me","data":{"a":1}}""", "application/cloudevents+json");
        await app.WaitForAsync(2);

        var (text, own) = (app.Calls.First().Json, app.Calls.Last().Json);
        Assert.Equal("hello", text["data"]!.GetValue<string>());
        Assert.Equal(("mine", "my.type", "me", _topic), (own["id"]!.GetValue<string>(), own["type"]!.GetValue<string>(), own["source"]!.GetValue<string>(), own["topic"]!.GetValue<string>()));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Of_a_batch_only_what_failed_is_sent_again_and_then_dead_lettered(string runtime)
    {
        var deadLetterTopic = _topic + ".dead";
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic, deadLetterTopic, bulk: true));
        app.Answer = call => Task.FromResult((200, new JsonObject
        {
            ["statuses"] = new JsonArray([.. Entries(call)
                .Where(entry => Value(entry) != 3)
                .Select(entry => new JsonObject { ["entryId"] = entry["entryId"]!.GetValue<string>(), ["status"] = Value(entry) == 2 ? "RETRY" : "SUCCESS" })]),
        }.ToJsonString()));
        await using var graveyard = await RecordingApp.StartAsync(RecordingApp.Subscription(deadLetterTopic));
        await using var sidecar = await StartAsync(runtime, app, Retry);
        await using var other = await StartAsync(runtime, graveyard, appId: "graveyard");

        await Task.WhenAll(Enumerable.Range(1, 4).Select(i => PublishAsync(sidecar, $$"""{"a":{{i}}}""")));
        await graveyard.WaitForAsync(2);
        await Waiting.UntilAsync(() => Task.FromResult(app.Calls.Sum(call => Entries(call).Count()) >= 8), TimeSpan.FromSeconds(60), "8 deliveries");

        var deliveries = app.Calls.SelectMany(Entries).Select(Value).GroupBy(value => value).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(new Dictionary<int, int> { [1] = 1, [2] = 3, [3] = 3, [4] = 1 }, deliveries);
        Assert.Equal([2, 3], graveyard.Calls.Select(call => call.Json["data"]!["a"]!.GetValue<int>()).Order());

        static IEnumerable<JsonObject> Entries(ReceivedCall call) => call.Json["entries"]!.AsArray().Select(entry => entry!.AsObject());

        static int Value(JsonObject entry) => entry["event"]!["data"]!["a"]!.GetValue<int>();
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_SDK_publishes_one_and_many(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var sidecar = await StartAsync(runtime, app);
        using var client = new DaprClientBuilder().UseGrpcEndpoint(sidecar.Grpc.ToString()).UseHttpEndpoint(sidecar.Http.ToString()).Build();

        await client.PublishEventAsync("pubsub", _topic, new { A = 0 }, Cancellation);
        var bulk = await client.BulkPublishEventAsync("pubsub", _topic, Enumerable.Range(1, 150).Select(i => new { A = i }).ToList(), cancellationToken: Cancellation);
        await app.WaitForAsync(151);

        Assert.Empty(bulk.FailedEntries);
        Assert.Equal(Enumerable.Range(0, 151), app.Calls.Select(call => call.Json["data"]!["a"]!.GetValue<int>()).Order());
        await Assert.ThrowsAsync<Dapr.DaprException>(() => client.PublishEventAsync("nobody", _topic, new { A = 0 }, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Instances_of_an_app_share_its_events_and_another_app_gets_them_all(string runtime)
    {
        await using var first = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var second = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var stranger = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var sidecar = await StartAsync(runtime, first);
        await using var twin = await StartAsync(runtime, second);
        await using var other = await StartAsync(runtime, stranger, appId: "stranger");

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => PublishAsync(sidecar, $$"""{"a":{{i}}}""")));
        await stranger.WaitForAsync(100);
        await Waiting.UntilAsync(() => Task.FromResult(first.Calls.Count + second.Calls.Count >= 100), TimeSpan.FromSeconds(60), "100 events at both instances");

        Assert.Equal(Enumerable.Range(0, 100), first.Calls.Concat(second.Calls).Select(call => call.Json["data"]!["a"]!.GetValue<int>()).Order());
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task An_app_that_starts_late_gets_what_was_published_before(string runtime)
    {
        var port = FreePorts.Take();
        await using var sidecar = await DaprRuntimes.StartAsync(runtime, new SidecarSetup { AppId = "conformance", AppPort = port }, redis.EndPoint, _broker);
        await PublishAsync(sidecar, """{"a":1}""");

        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic), port);

        await app.WaitForAsync(1);
    }

    [Theory]
    [MemberData(nameof(RuntimesOnRedis))]
    public async Task What_a_dead_sidecar_had_read_is_delivered_by_another(string runtime)
    {
        var never = new TaskCompletionSource<(int, string)>();
        var metadata = new Dictionary<string, string> { ["processingTimeout"] = "1s", ["redeliverInterval"] = "500" };
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        app.Answer = _ => never.Task;
        await using var doomed = await DaprRuntimes.StartAsync(
            runtime, new SidecarSetup { AppId = "conformance", AppPort = app.Port, PubSubMetadata = metadata }, redis.EndPoint, _broker);
        await Waiting.UntilReadyAsync(doomed);
        await PublishAsync(doomed, """{"a":1}""");
        await app.WaitForAsync(1);
        await doomed.KillAsync();

        await using var heir = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var sidecar = await DaprRuntimes.StartAsync(
            runtime, new SidecarSetup { AppId = "conformance", AppPort = heir.Port, PubSubMetadata = metadata }, redis.EndPoint, _broker);

        await heir.WaitForAsync(1);
        Assert.Equal(app.Calls.First().Bytes, heir.Calls.First().Bytes);
        never.SetResult((200, string.Empty));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Wrong_publishes_get_Daprs_codes(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var sidecar = await StartAsync(runtime, app);

        Assert.Equal((HttpStatusCode.NotFound, "ERR_PUBSUB_NOT_FOUND"), await ErrorAsync(sidecar, $"/v1.0/publish/nobody/{_topic}", "{}", "application/json"));
        Assert.Equal((HttpStatusCode.BadRequest, "ERR_PUBSUB_REQUEST_METADATA"), await ErrorAsync(sidecar, $"/v1.0/publish/pubsub/{_topic}?metadata.rawPayload=maybe", "{}", "application/json"));
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_PUBSUB_CLOUD_EVENTS_SER"), await ErrorAsync(sidecar, $"/v1.0/publish/pubsub/{_topic}", "{", "application/cloudevents+json"));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Tokens_are_asked_for_and_shown(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        await using var sidecar = await DaprRuntimes.StartAsync(
            runtime, new SidecarSetup { AppId = "conformance", AppPort = app.Port, ApiToken = "let-me-in", AppToken = "it-is-me" }, redis.EndPoint, _broker);

        using var refused = await SendAsync(sidecar, $"/v1.0/publish/pubsub/{_topic}", "{}", "application/json");
        using var taken = await SendAsync(sidecar, $"/v1.0/publish/pubsub/{_topic}", "{}", "application/json", "let-me-in");
        await app.WaitForAsync(1);

        using var stranger = new DaprClientBuilder().UseGrpcEndpoint(sidecar.Grpc.ToString()).UseHttpEndpoint(sidecar.Http.ToString()).Build();
        var unknown = await Assert.ThrowsAsync<Dapr.DaprException>(() => stranger.PublishEventAsync("pubsub", _topic, new { A = 0 }, Cancellation));

        Assert.Equal(Grpc.Core.StatusCode.Unauthenticated, Assert.IsType<Grpc.Core.RpcException>(unknown.InnerException).StatusCode);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.NoContent), (refused.StatusCode, taken.StatusCode));
        Assert.Equal("it-is-me", app.Calls.Single().Headers["dapr-api-token"]);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task No_more_calls_are_made_at_once_than_the_app_allows(string runtime)
    {
        var (running, most) = (0, new ConcurrentBag<int>());
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        app.Answer = async _ =>
        {
            most.Add(Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return (200, string.Empty);
        };
        await using var sidecar = await DaprRuntimes.StartAsync(
            runtime, new SidecarSetup { AppId = "conformance", AppPort = app.Port, MaxConcurrency = 2 }, redis.EndPoint, _broker);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => PublishAsync(sidecar, $$"""{"a":{{i}}}""")));
        await app.WaitForAsync(60);

        Assert.InRange(most.Max(), 1, 2);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Health_and_metadata_tell_what_there_is(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic, _topic + ".dead"));
        await using var sidecar = await StartAsync(runtime, app);
        using var client = new HttpClient { BaseAddress = sidecar.Http };

        var metadata = await client.GetFromJsonAsync<JsonObject>("/v1.0/metadata", Cancellation);

        Assert.Equal("conformance", metadata!["id"]!.GetValue<string>());
        Assert.Contains(metadata["components"]!.AsArray(), component => component!["name"]!.GetValue<string>() == "pubsub" && component["type"]!.GetValue<string>() == "pubsub.redis");
        var subscription = metadata["subscriptions"]!.AsArray().Single()!;
        Assert.Equal((_topic, _topic + ".dead"), (subscription["topic"]!.GetValue<string>(), subscription["deadLetterTopic"]!.GetValue<string>()));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_app_can_be_invoked_through_its_sidecar(string runtime)
    {
        await using var app = await RecordingApp.StartAsync(RecordingApp.Subscription(_topic));
        app.Answer = call => Task.FromResult((call.Path == "/hello" ? 201 : 500, """{"answer":42}"""));
        await using var sidecar = await StartAsync(runtime, app);

        using var answer = await SendAsync(sidecar, "/v1.0/invoke/conformance/method/hello?x=1", """{"a":1}""", "application/json");

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("""{"answer":42}""", await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(app.Calls.Single().Bytes));
    }

    private static async Task PublishAsync(IRunningSidecar sidecar, string topic, string body, string contentType)
    {
        using var answer = await SendAsync(sidecar, $"/v1.0/publish/pubsub/{topic}", body, contentType);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private static async Task<(HttpStatusCode Status, string? Code)> ErrorAsync(IRunningSidecar sidecar, string path, string body, string contentType)
    {
        using var answer = await SendAsync(sidecar, path, body, contentType);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))?["errorCode"]?.GetValue<string>());
    }

    private static async Task<HttpResponseMessage> SendAsync(IRunningSidecar sidecar, string path, string body, string contentType, string? token = null)
    {
        using var client = new HttpClient { BaseAddress = sidecar.Http };
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new(contentType);
        if (token is not null)
        {
            client.DefaultRequestHeaders.Add("dapr-api-token", token);
        }

        return await client.PostAsync(new Uri(path, UriKind.Relative), content, Cancellation);
    }

    private Task PublishAsync(IRunningSidecar sidecar, string body, string contentType = "application/json") => PublishAsync(sidecar, _topic, body, contentType);

    private async Task<IRunningSidecar> StartAsync(string runtime, RecordingApp app, string? retry = null, string appId = "conformance")
    {
        var sidecar = await DaprRuntimes.StartAsync(runtime, new SidecarSetup { AppId = appId, AppPort = app.Port, InboundRetry = retry }, redis.EndPoint, _broker);
        await Waiting.UntilReadyAsync(sidecar);
        return sidecar;
    }
}
