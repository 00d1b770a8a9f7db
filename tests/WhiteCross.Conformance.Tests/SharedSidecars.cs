using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using WhiteCross.Sidecar;
using WhiteCross.Testing;

namespace WhiteCross.Conformance.Tests;

/// <summary>
/// One sidecar of each runtime with an app behind it, and one of a graveyard that takes the dead letters, for all tests that ask questions and
/// disturb nobody. The graveyard's sidecar retries what it invokes. Each topic has a path of its own in the apps; tests tell their events apart by that, or by their data.
/// </summary>
[CollectionDefinition(nameof(SharedSidecars))]
public sealed class SharedSidecars(RedisServer redis) : ICollectionFixture<SharedSidecars>, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<SharedSidecar>>> _sidecars = new();

    internal Task<SharedSidecar> GetAsync(string runtime) =>
        _sidecars.GetOrAdd(runtime, key => new Lazy<Task<SharedSidecar>>(() => SharedSidecar.StartAsync(key, redis.EndPoint))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var sidecar in _sidecars.Values)
        {
            await (await sidecar.Value).DisposeAsync();
        }
    }
}

/// <summary>The shared sidecar of one runtime.</summary>
internal sealed class SharedSidecar : IAsyncDisposable
{
    public const string Single = "single";
    public const string Bulk = "bulk";
    public const string Raw = "raw";
    public const string RawBulk = "raw-bulk";
    public const int AnswerTopics = 13;

    private readonly string _prefix = RedisServer.NewName("shared");
    private readonly DirectoryInfo _names = Directory.CreateTempSubdirectory("conformance-");
    private IRunningSidecar _other = null!;

    private SharedSidecar(string runtime) => Runtime = runtime;

    public string Runtime { get; }

    public string AppId => _prefix;

    public RecordingApp App { get; private set; } = null!;

    public RecordingApp Graveyard { get; private set; } = null!;

    public string GraveyardId => _prefix + "-graveyard";

    public IRunningSidecar Sidecar { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>The API of the graveyard's sidecar.</summary>
    public HttpClient GraveyardHttp { get; private set; } = null!;

    public static string AnswerTopic(int row) => $"answer-{row}";

    public static async Task<SharedSidecar> StartAsync(string runtime, string redis)
    {
        var shared = new SharedSidecar(runtime);
        shared.App = await RecordingApp.StartAsync(new JsonArray(
        [
            shared.To(Single), shared.To(Bulk, bulk: true), shared.To(Raw, raw: true), shared.To(RawBulk, bulk: true, raw: true),
            .. Enumerable.Range(0, AnswerTopics).Select(row => (JsonNode)shared.To(AnswerTopic(row))),
        ]).ToJsonString());
        shared.App.Answer = AcceptAsync;
        shared.Graveyard = await RecordingApp.StartAsync(new JsonArray(
        [
            RecordingApp.To(shared.Dead(Single), "/" + Single, raw: true),
            .. Enumerable.Range(0, AnswerTopics).Select(row => (JsonNode)RecordingApp.To(shared.Dead(AnswerTopic(row)), "/" + AnswerTopic(row))),
        ]).ToJsonString());
        var broker = new EmbeddedBroker(TimeProvider.System);
        var names = Path.Combine(shared._names.FullName, "names.db");
        var setup = new SidecarSetup { AppId = shared.AppId, AppPort = shared.App.Port, HasStateStore = true, InboundRetry = "{ policy: constant, duration: 50ms, maxRetries: 2 }", Names = names };
        var other = new SidecarSetup { AppId = shared.GraveyardId, AppPort = shared.Graveyard.Port, RetriedApps = [shared.AppId, shared.GraveyardId], Names = names };
        shared.Sidecar = await DaprRuntimes.StartAsync(runtime, setup, redis, broker);
        shared._other = await DaprRuntimes.StartAsync(runtime, other, redis, broker);
        await Waiting.UntilReadyAsync(shared.Sidecar);
        await Waiting.UntilReadyAsync(shared._other);
        shared.Http = new HttpClient { BaseAddress = shared.Sidecar.Http };
        shared.GraveyardHttp = new HttpClient { BaseAddress = shared._other.Http };
        return shared;
    }

    /// <summary>Says to every event that it is done with, one by one and in bulk.</summary>
    public static Task<(int Status, string Body)> AcceptAsync(ReceivedCall call)
    {
        var entries = call.Path is "/" + Bulk or "/" + RawBulk ? call.Json["entries"]!.AsArray() : [];
        return Task.FromResult((200, new JsonObject
        {
            ["statuses"] = new JsonArray([.. entries.Select(entry => new JsonObject { ["entryId"] = entry!["entryId"]!.GetValue<string>(), ["status"] = "SUCCESS" })]),
        }.ToJsonString()));
    }

    /// <summary>The topic of a name, which is another one for each runtime.</summary>
    public string Topic(string name) => $"{_prefix}-{name}";

    public async Task<HttpResponseMessage> SendAsync(string method, string path, string body = "", string contentType = "application/json", string? header = null)
    {
        // As it stands: dots and escapes are part of the question.
        var address = new Uri(Sidecar.Http.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new(contentType);
        }

        if (header?.Split(": ") is [var name, var value])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        GraveyardHttp.Dispose();
        await Sidecar.DisposeAsync();
        await _other.DisposeAsync();
        await App.DisposeAsync();
        await Graveyard.DisposeAsync();
        _names.Delete(recursive: true);
    }

    private string Dead(string name) => Topic(name) + ".dead";

    private JsonObject To(string name, bool bulk = false, bool raw = false) => RecordingApp.To(Topic(name), "/" + name, Dead(name), bulk, raw);
}
