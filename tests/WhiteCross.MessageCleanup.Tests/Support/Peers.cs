using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WhiteCross.MessageCleanup.Tests;

/// <summary>The sidecar of the other services: passes calls on to the owner, keeps what the search index is to forget, and fails when a test says so.</summary>
public sealed class Peers : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _owner;
    private int _hasErasedPerson;

    private Peers(WebApplication app, HttpClient owner) => (_app, _owner) = (app, owner);

    public Uri Address => new(_app.Urls.Single());

    public ConcurrentQueue<Guid> Forgotten { get; } = new();

    /// <summary>The messages whose notifications were removed.</summary>
    public ConcurrentQueue<Guid> WithoutNotifications { get; } = new();

    /// <summary>The bodies of the calls that remove something.</summary>
    public ConcurrentQueue<JsonElement> Removals { get; } = new();

    /// <summary>Comes before a call reaches its app; what it returns is the answer instead, a status. Gets the app's id and the call's body.</summary>
    public Func<string, JsonElement, Task<int?>> Before { get; set; } = (_, _) => Task.FromResult<int?>(null);

    public static async Task<Peers> StartAsync(Uri owner)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var peers = new Peers(app, new HttpClient { BaseAddress = owner });
        app.MapPost("/v1.0/invoke/{appId}/method/{**path}", peers.CallAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return peers;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _owner.Dispose();
    }

    private async Task<IResult> CallAsync(string appId, string path, JsonElement body)
    {
        if (await Before(appId, body) is { } status)
        {
            return Results.StatusCode(status);
        }

        if (appId == "message-notification" && path.StartsWith("internal/people/", StringComparison.Ordinal))
        {
            // Whose person it is, its own tests say; here it has two notifications and a device, once.
            var isErased = path.EndsWith("/erase", StringComparison.Ordinal) && Interlocked.Exchange(ref _hasErasedPerson, 1) == 1;
            return Results.Json(new { notifications = isErased ? 0 : 2, devices = isErased ? 0 : 1, contacts = 0, preferences = 0, hasMore = false });
        }

        if (appId is "message-indexing" or "message-notification")
        {
            Assert.Equal("internal/messages/delete", path);
            var ids = body.GetProperty("messageIds").EnumerateArray().Select(id => id.GetGuid()).ToArray();
            Array.ForEach(ids, (appId == "message-indexing" ? Forgotten : WithoutNotifications).Enqueue);
            return Results.Json(new { deleted = ids.Length });
        }

        if (!path.EndsWith("/count", StringComparison.Ordinal) && !path.StartsWith("internal/people/", StringComparison.Ordinal) && !body.GetProperty("dryRun").GetBoolean())
        {
            Removals.Enqueue(body);
        }

        using var content = new StringContent(body.GetRawText(), null, "application/json");
        using var response = await _owner.PostAsync(new Uri(path, UriKind.Relative), content);
        return Results.Content(await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.ToString(), null, (int)response.StatusCode);
    }
}
