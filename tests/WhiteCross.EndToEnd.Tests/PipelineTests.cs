using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using WhiteCross.Local;
using WhiteCross.Testing;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>One message through all the queues that it sets in motion, from its sender to its end; and what is said of it on the way.</summary>
public sealed class PipelineTests : IAsyncLifetime
{
    private const string Words = "potassium results arrived";
    private const string Address = "patient.zero@example.org";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");
    private readonly LogLines _logs = new();
    private LocalSystem? _system;
    private HttpClient? _gateway;

    public async ValueTask InitializeAsync()
    {
        _system = await LocalSystem.StartAsync(
            SystemFixture.OptionsFor(_data, redis: null) with
            {
                ConfigureService = (_, builder) => builder.Logging.AddProvider(_logs).SetMinimumLevel(LogLevel.Debug),
            },
            CancellationToken.None);
        _gateway = new HttpClient { BaseAddress = _system.GatewayAddress };
    }

    public async ValueTask DisposeAsync()
    {
        _gateway!.Dispose();
        await _system!.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_message_is_delivered_found_notified_mailed_and_not_found_once_deleted()
    {
        var (recipient, envelope) = NewMessage();
        envelope["data"]!["createdAt"] = "2020-01-02T03:04:05Z";
        var (messageId, sender) = (envelope["data"]!["messageId"]!.GetValue<string>(), envelope["data"]!["senderId"]!.GetValue<string>());

        await Jobs.WaitForAsync(_gateway!, await Jobs.AddAsync(_gateway!, envelope), "completed");

        await Jobs.WaitForAsync(_gateway!, $"index:{messageId}", "completed", "message-indexing");
        await Jobs.WaitForAsync(_gateway!, $"notify:{messageId}:in-app", "completed", "message-notification");
        await Jobs.WaitForAsync(_gateway!, $"notify:{messageId}:email", "completed", "message-notification");
        Assert.Equal(messageId, Assert.Single(await FindAsync(sender))!["messageId"]!.GetValue<string>());
        Assert.Single(await FindAsync(recipient.ToString()));
        Assert.Empty(await FindAsync(Guid.NewGuid().ToString()));
        var notifications = await GetAsync($"/users/{recipient}/notifications?userId={recipient}");
        Assert.Equal(1, notifications["unreadCount"]!.GetValue<int>());
        await Jobs.WaitForAsync(_gateway!, await Jobs.AddAsync(_gateway!, Read(messageId, recipient)), "completed");
        await Eventually.TrueAsync(async () => (await GetAsync($"/users/{recipient}/notifications?userId={recipient}"))["unreadCount"]!.GetValue<int>() == 0);
        var mail = await File.ReadAllTextAsync(Assert.Single(_data.GetFiles("*.eml", SearchOption.AllDirectories)).FullName, Jobs.Cancellation);
        Assert.Contains(Address, mail, StringComparison.Ordinal);
        Assert.DoesNotContain("potassium", mail, StringComparison.OrdinalIgnoreCase);

        using var run = await _gateway!.PostAsync(new Uri("/queue/message-cleanup/schedules/nightly-old-messages/run", UriKind.Relative), null, Jobs.Cancellation);
        var cleanup = (await run.Content.ReadFromJsonAsync<JsonObject>(Jobs.Cancellation))!["jobId"]!.GetValue<string>();
        await Jobs.WaitForAsync(_gateway, cleanup, "completed", "message-cleanup");

        // A clock that stands at 2020 makes nobody's message old.
        Assert.Single(await FindAsync(sender));
        var conversation = envelope["data"]!["conversationId"]!.GetValue<string>();
        foreach (var user in new[] { sender, $"{recipient}" })
        {
            Assert.Single(await FindAsync($"{recipient}"));
            using var deleted = await _gateway.DeleteAsync(new Uri($"/conversations/{conversation}?userId={user}", UriKind.Relative), Jobs.Cancellation);
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            Assert.Empty(await FindAsync(user));
        }

        await Eventually.TrueAsync(async () => (await GetAsync($"/users/{recipient}/notifications?userId={recipient}"))["notifications"]!.AsArray().Count == 0);

        await Jobs.WaitForAsync(_gateway, $"index:{messageId}:delete", "completed", "message-indexing");
        using var gone = await _gateway.GetAsync(new Uri($"/messages/{messageId}?userId={recipient}", UriKind.Relative), Jobs.Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Empty(await FindAsync(sender));
    }

    [Fact]
    public async Task Nothing_of_an_encrypted_message_is_indexed_logged_or_measured()
    {
        var (recipient, envelope) = NewMessage();
        envelope["data"]!["requiresEncryption"] = true;
        var messageId = envelope["data"]!["messageId"]!.GetValue<string>();

        await Jobs.WaitForAsync(_gateway!, await Jobs.AddAsync(_gateway!, envelope), "completed");
        await Jobs.WaitForAsync(_gateway!, $"notify:{messageId}:email", "completed", "message-notification");
        var wrong = NewMessage().Envelope;
        wrong["data"]!["recipientId"] = Address;
        wrong["jobId"] = "wrong";
        using var sidecar = new HttpClient { BaseAddress = _system!.SidecarAddress };
        await Jobs.PublishAsync(sidecar, wrong);
        var failed = await Jobs.WaitForAsync(_gateway!, "wrong", "failed");

        Assert.Empty(await FindAsync(recipient.ToString()));
        var metrics = await _gateway!.GetStringAsync(new Uri("/metrics", UriKind.Relative), Jobs.Cancellation);
        foreach (var secret in new[] { "potassium", "patient.zero" })
        {
            Assert.DoesNotContain(_logs.All, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(secret, metrics, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, failed["error"]!.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        }

        Assert.NotEmpty(_logs.All);
    }

    private static (Guid Recipient, JsonObject Envelope) NewMessage()
    {
        var recipient = Guid.NewGuid();
        var envelope = Jobs.SendMessage(recipient, Words);
        envelope["data"]!["metadata"] = new JsonObject { ["recipientEmail"] = Address };
        return (recipient, envelope);
    }

    private static JsonObject Read(string messageId, Guid recipient) => new()
    {
        ["type"] = "delivery-confirmation",
        ["data"] = new JsonObject { ["messageId"] = messageId, ["recipientId"] = recipient.ToString(), ["status"] = "read" },
    };

    private async Task<JsonArray> FindAsync(string user) => (await GetAsync($"/search?q=potassium&userId={user}"))["results"]!.AsArray();

    private async Task<JsonObject> GetAsync(string path) => (await _gateway!.GetFromJsonAsync<JsonObject>(new Uri(path, UriKind.Relative), Jobs.Cancellation))!;

    /// <summary>Everything that any service logs, but what the test's own client sends.</summary>
    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
