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

    public ConcurrentQueue<ReceivedCall> Calls { get; } = new();

    /// <summary>Answers a call: status code and body.</summary>
    public Func<ReceivedCall, Task<(int Status, string Body)>> Answer { get; set; } = _ => Task.FromResult((200, string.Empty));

    public static async Task<RecordingApp> StartAsync(string subscriptions, int? port = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var chosen = port ?? FreePorts.Take();
        builder.WebHost.UseUrls($"http://127.0.0.1:{chosen}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var recording = new RecordingApp(app, chosen);
        app.MapGet("/dapr/subscribe", () => Results.Text(subscriptions, "application/json"));
        app.MapFallback(recording.HandleAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return recording;
    }

    public static string Subscription(string topic, string? deadLetterTopic = null, bool bulk = false) => new JsonArray(new JsonObject
    {
        ["pubsubname"] = "pubsub",
        ["topic"] = topic,
        ["route"] = "/events",
        ["deadLetterTopic"] = deadLetterTopic,
        ["bulkSubscribe"] = bulk ? new JsonObject { ["enabled"] = true, ["maxMessagesCount"] = 5, ["maxAwaitDurationMs"] = 500 } : null,
    }).ToJsonString();

    public Task WaitForAsync(int count) => Waiting.UntilAsync(() => Task.FromResult(Calls.Count >= count), TimeSpan.FromSeconds(30), $"{count} calls");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var call = new ReceivedCall(
            context.Request.Path.Value!, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        Calls.Enqueue(call);
        var (status, answer) = await Answer(call);
        context.Response.StatusCode = status;
        if (answer.Length > 0)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer);
        }
    }
}
