using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>Takes spans as Zipkin does: <c>POST /api/v2/spans</c> with a JSON array.</summary>
public sealed class ZipkinCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ZipkinCollector(WebApplication app) => _app = app;

    /// <summary>All spans so far.</summary>
    public ConcurrentQueue<JsonObject> Spans { get; } = new();

    /// <summary>Where to send them.</summary>
    public string Endpoint => $"{_app.Urls.Single()}/api/v2/spans";

    public static async Task<ZipkinCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var collector = new ZipkinCollector(app);
        app.MapPost("/api/v2/spans", async (HttpRequest request) =>
        {
            foreach (var span in (await JsonNode.ParseAsync(request.Body))!.AsArray())
            {
                collector.Spans.Enqueue(span!.AsObject());
            }

            return Results.Accepted();
        });
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
