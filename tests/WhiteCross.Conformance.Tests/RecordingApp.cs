using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Testing;

namespace WhiteCross.Conformance.Tests;

/// <summary>A call that the app got.</summary>
internal sealed record ReceivedCall(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
{
    public JsonObject Json => JsonNode.Parse(Bytes)!.AsObject();
}

/// <summary>An app behind a sidecar: records what it gets and answers as it is told.</summary>
internal sealed class RecordingApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RecordingApp(WebApplication app, int port)
    {
        _app = app;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The deliveries and invocations, and nothing else.</summary>
    public ConcurrentQueue<ReceivedCall> Calls { get; } = new();

    /// <summary>What the sidecar asked at its start: the paths.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>The answer to <c>GET /dapr/config</c>; null, the default: 404.</summary>
    public string? Configuration { get; set; }

    /// <summary>How many of the first questions of the start are broken off without an answer.</summary>
    public int BrokenOff { get; set; }

    /// <summary>Answers a call: status code and body.</summary>
    public Func<ReceivedCall, Task<(int Status, string Body)>> Answer { get; set; } = _ => Task.FromResult((200, string.Empty));

    /// <summary>Answers the calls of a path in its own way, for instance a piece at a time; their bodies have been read.</summary>
    public ConcurrentDictionary<string, RequestDelegate> Handlers { get; } = new();

    public static async Task<RecordingApp> StartAsync(string subscriptions, int? port = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var chosen = port ?? FreePorts.Take();
        builder.WebHost.UseUrls($"http://127.0.0.1:{chosen}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var recording = new RecordingApp(app, chosen);
        app.MapGet("/dapr/config", context => recording.TellAsync(context, recording.Configuration));
        app.MapGet("/dapr/subscribe", context => recording.TellAsync(context, subscriptions));
        app.MapFallback(recording.HandleAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return recording;
    }

    public static string Subscription(string topic, string? deadLetterTopic = null, bool bulk = false) =>
        new JsonArray(To(topic, "/events", deadLetterTopic, bulk)).ToJsonString();

    public static JsonObject To(string topic, string route, string? deadLetterTopic = null, bool bulk = false, bool raw = false) => new()
    {
        ["pubsubname"] = "pubsub",
        ["topic"] = topic,
        ["route"] = route,
        ["deadLetterTopic"] = deadLetterTopic,
        ["bulkSubscribe"] = bulk ? new JsonObject { ["enabled"] = true, ["maxMessagesCount"] = 5, ["maxAwaitDurationMs"] = 500 } : null,
        ["metadata"] = raw ? new JsonObject { ["rawPayload"] = "true" } : null,
    };

    /// <summary>The calls of a path.</summary>
    public IReadOnlyList<ReceivedCall> CallsOf(string path) => [.. Calls.Where(call => call.Path == path)];

    public async Task<IReadOnlyList<ReceivedCall>> WaitForAsync(string path, int count)
    {
        await Waiting.UntilAsync(() => Task.FromResult(CallsOf(path).Count >= count), TimeSpan.FromSeconds(60), $"{count} calls of {path}");
        return CallsOf(path);
    }

    public Task WaitForAsync(int count) => Waiting.UntilAsync(() => Task.FromResult(Calls.Count >= count), TimeSpan.FromSeconds(60), $"{count} calls");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private Task TellAsync(HttpContext context, string? answer)
    {
        Asked.Enqueue(context.Request.Path.Value!);
        if (Asked.Count <= BrokenOff)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        return answer is null ? Results.NotFound().ExecuteAsync(context) : Results.Text(answer, "application/json").ExecuteAsync(context);
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var call = new ReceivedCall(
            context.Request.Path.Value!, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        Calls.Enqueue(call);
        if (Handlers.TryGetValue(call.Path, out var handler))
        {
            await handler(context);
            return;
        }

        var (status, answer) = await Answer(call);
        context.Response.StatusCode = status;
        if (answer.Length > 0)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer);
        }
    }
}
