using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>An HTTP server in the place of the sidecar and of the services behind it: keeps what is invoked, and answers as a test says.</summary>
public sealed class SidecarServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SidecarServer(WebApplication app)
    {
        _app = app;
        Client = new DaprClientBuilder().UseHttpEndpoint(app.Urls.Single()).Build();
    }

    /// <summary>A client of it.</summary>
    public DaprClient Client { get; }

    /// <summary>What was invoked, whatever the answer was.</summary>
    public ConcurrentQueue<(string Path, JsonElement Body)> Calls { get; } = new();

    /// <summary>What it answers.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    public static async Task<SidecarServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        SidecarServer? server = null;
        app.Run(async context =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            server!.Calls.Enqueue((context.Request.Path, body.RootElement.Clone()));
            context.Response.StatusCode = server.Status;
        });
        await app.StartAsync();
        return server = new SidecarServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
