using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WhiteCross.Gateway.Tests;

/// <summary>Somebody's webhook: keeps what it is told, and answers as the test says.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly Channel<Post> _posts = Channel.CreateUnbounded<Post>();
    private readonly ConcurrentQueue<int> _answers = new();
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>Its address.</summary>
    public string Url => _app.Urls.First() + "/hook?token=confidential";

    /// <summary>Posts that have come in and that no test has looked at.</summary>
    public int Unread => _posts.Reader.Count;

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.MapPost("/hook", receiver.ReceiveAsync);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Says what the next posts are answered; then 204.</summary>
    public void Answer(params int[] codes)
    {
        foreach (var code in codes)
        {
            _answers.Enqueue(code);
        }
    }

    /// <summary>The next post.</summary>
    public async Task<Post> NextAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        return await _posts.Reader.ReadAsync(patience.Token);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        _posts.Writer.TryWrite(new Post(await reader.ReadToEndAsync(request.HttpContext.RequestAborted), request.Headers["X-WhiteCross-Signature"]!, request.Headers["X-WhiteCross-Delivery"]!));
        return Results.StatusCode(_answers.TryDequeue(out var code) ? code : 204);
    }
}

/// <summary>What a webhook was sent.</summary>
internal sealed record Post(string Body, string Signature, string DeliveryId);
