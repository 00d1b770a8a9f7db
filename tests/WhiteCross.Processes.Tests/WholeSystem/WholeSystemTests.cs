using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;
using static WhiteCross.Processes.Tests.WholeSystem.Jobs;

namespace WhiteCross.Processes.Tests.WholeSystem;

/// <summary>All services with their sidecars, a process each, as dapr.yaml says: what a user does with them by HTTP.</summary>
public abstract class WholeSystemTests(SystemOfProcesses system)
{
    private const string Words = "The biopsy was benign.";

    protected HttpClient Gateway => system.Gateway;

    public static TheoryData<string> Queues =>
        ["message-delivery", "message-notification", "message-indexing", "message-encryption", "batch-message-sending", "message-cleanup"];

    [Theory]
    [MemberData(nameof(Queues))]
    public async Task A_job_of_each_queue_completes(string queue)
    {
        var record = await CompletedAsync(Gateway, queue, await AddAsync(Gateway, queue, JobOf(queue)));

        Assert.Equal(1, record["attemptsMade"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_message_published_as_an_event_is_delivered_indexed_and_notified()
    {
        var message = Message("potassium results arrived");
        using var sidecar = system.SidecarClient("queue-gateway");
        using var published = await sidecar.PostAsJsonAsync(
            new Uri("/v1.0/publish/jobs/message-delivery?metadata.cloudevent.id=" + message["messageId"], UriKind.Relative), Envelope("send-message", message), Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);

        await CompletedAsync(Gateway, "message-delivery", Text(message, "messageId"));
        await CompletedAsync(Gateway, "message-indexing", $"index:{message["messageId"]}");
        await CompletedAsync(Gateway, "message-notification", $"notify:{message["messageId"]}:in-app");

        var recipient = message["recipientId"];
        var found = await GetAsync(Gateway, $"/search?q=potassium&userId={recipient}");
        Assert.Equal(Text(message, "messageId"), Assert.Single(found["results"]!.AsArray())!["messageId"]!.GetValue<string>());
        Assert.Equal(1, (await GetAsync(Gateway, $"/users/{recipient}/notifications?userId={recipient}"))["unreadCount"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_workflow_sends_a_batch_of_50()
    {
        string[] recipients = [.. Enumerable.Range(0, 50).Select(_ => NewId())];
        var batchId = await AddAsync(Gateway, "batch-message-sending", Envelope("batch-send", Batch(recipients)));

        var result = (await CompletedAsync(Gateway, "batch-message-sending", batchId))["result"]!;

        Assert.Equal((50, 50, 0), (Number(result, "recipientCount"), Number(result, "processedCount"), result["failedRecipients"]!.AsArray().Count));
        await Task.WhenAll(recipients.Select(recipient => CompletedAsync(Gateway, "message-delivery", $"{result["batchId"]}:{recipient}")));
    }

    [Fact]
    public async Task A_message_that_requires_encryption_is_stored_as_cipher_text_and_read_in_the_clear()
    {
        var message = Message(Words, encrypted: true);

        await CompletedAsync(Gateway, "message-delivery", await AddAsync(Gateway, "message-delivery", Envelope("send-message", message)));

        var user = $"userId={message["recipientId"]}";
        Assert.StartsWith("wc1.", Text(await GetAsync(Gateway, $"/messages/{message["messageId"]}?{user}"), "content"), StringComparison.Ordinal);
        Assert.Equal(Words, Text(await GetAsync(Gateway, $"/messages/{message["messageId"]}/content?{user}"), "content"));
    }

    private static JsonObject JobOf(string queue) => queue switch
    {
        "message-delivery" => Envelope("send-message", Message()),
        "message-notification" => Envelope(
            "send-notification", new JsonObject { ["recipientId"] = NewId(), ["type"] = "in_app", ["title"] = "New message", ["message"] = "You have a new message." }),
        "message-indexing" => Envelope(
            "index-message", new JsonObject { ["messageId"] = NewId(), ["operation"] = "index", ["content"] = "words", ["senderId"] = NewId(), ["conversationId"] = NewId() }),
        "message-encryption" => Envelope("encrypt-decrypt", new JsonObject { ["messageId"] = NewId(), ["operation"] = "encrypt", ["content"] = "words" }),
        "batch-message-sending" => Envelope("batch-send", Batch(NewId(), NewId())),
        _ => Envelope("cleanup-messages", new JsonObject { ["cleanupType"] = "old_messages", ["dryRun"] = true }),
    };

    private static JsonObject Batch(params string[] recipients) => new()
    {
        ["senderId"] = NewId(),
        ["recipientIds"] = new JsonArray([.. recipients.Select(recipient => (JsonNode)recipient)]),
        ["content"] = "The clinic is closed on Friday.",
        ["createConversations"] = true,
        ["chunkDelay"] = 0,
    };

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static int Number(JsonNode node, string name) => node[name]!.GetValue<int>();
}

/// <summary>On a plain Redis, without tokens.</summary>
public sealed class PlainWholeSystemTests(PlainSystem system) : WholeSystemTests(system), IClassFixture<PlainSystem>
{
    [Fact]
    public async Task The_sample_sends_a_batch_of_1000_pauses_resumes_and_follows_it_and_cancels_another()
    {
        var start = new ProcessStartInfo("sh", [Path.Combine(BuiltProjects.Repository, "samples", "batch.sh"), Gateway.BaseAddress!.ToString().TrimEnd('/')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var sample = Process.Start(start)!;
        var output = await Task.WhenAll(sample.StandardOutput.ReadToEndAsync(Cancellation), sample.StandardError.ReadToEndAsync(Cancellation));
        await sample.WaitForExitAsync(Cancellation);

        Assert.True(sample.ExitCode == 0, string.Join('\n', output));
        Assert.Contains("Completed: 1000 delivered, 0 failed.", output[0], StringComparison.Ordinal);

        // Events of the recalled messages are still about when their jobs have gone.
        await Eventually.TrueAsync(async () =>
        {
            var queue = (await Gateway.GetFromJsonAsync<JsonElement>("/queue/message-delivery/metrics", Cancellation));
            return queue.GetProperty("waiting").GetInt32() + queue.GetProperty("active").GetInt32() == 0;
        });
        Assert.DoesNotContain("nothing is on record", await Gateway.GetStringAsync("/queue/message-delivery/failures", Cancellation), StringComparison.Ordinal);
    }
}
