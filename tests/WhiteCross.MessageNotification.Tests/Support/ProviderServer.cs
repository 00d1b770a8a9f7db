using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>An HTTP server in the place of a provider: keeps what it is asked, and answers as a test says.</summary>
public sealed class ProviderServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProviderServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public ConcurrentQueue<ProviderRequest> Requests { get; } = new();

    /// <summary>Answers a request.</summary>
    public Func<ProviderRequest, HttpContext, Task> Answer { get; set; } = (_, context) => context.Response.WriteAsync("{}");

    public static async Task<ProviderServer> StartAsync(Func<ProviderRequest, HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new ProviderServer(app) { Answer = answer };
        app.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var request = new ProviderRequest(
                $"{context.Request.Method} {context.Request.Path}", context.Request.Headers.Authorization.ToString(), await body.ReadToEndAsync());
            server.Requests.Enqueue(request);
            await server.Answer(request, context);
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>An answer of JSON.</summary>
    public static Func<ProviderRequest, HttpContext, Task> Json(int status, string json, string? retryAfter = null) => async (_, context) =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        await context.Response.WriteAsync(json);
    };

    /// <summary>Takes the request and hangs up without an answer.</summary>
    public static Task HangUpAsync(ProviderRequest request, HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}

/// <summary>What a provider was asked.</summary>
public sealed record ProviderRequest(string Line, string Authorization, string Body);
