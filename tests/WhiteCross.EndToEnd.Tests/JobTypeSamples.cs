using System.Text.Json.Nodes;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>A valid job of each type, that its service can do.</summary>
internal static class JobTypeSamples
{
    public static IReadOnlyList<string> All { get; } =
        ["send-message", "delivery-confirmation", "send-notification", "index-message", "encrypt-decrypt", "batch-send", "cleanup-messages"];

    public static string QueueOf(string type) => type switch
    {
        "send-message" or "delivery-confirmation" => "message-delivery",
        "send-notification" => "message-notification",
        "index-message" => "message-indexing",
        "encrypt-decrypt" => "message-encryption",
        "batch-send" => "batch-message-sending",
        _ => "message-cleanup",
    };

    /// <summary>The envelope of a job; what it needs to be there is put there first.</summary>
    public static async Task<JsonObject> PrepareAsync(HttpClient gateway, string type, string jobId)
    {
        var envelope = Jobs.SendMessage(Guid.NewGuid(), jobId: jobId);
        if (type == "send-message")
        {
            return envelope;
        }

        var message = Jobs.SendMessage(Guid.NewGuid());
        if (type == "delivery-confirmation")
        {
            await Jobs.WaitForAsync(gateway, await Jobs.AddAsync(gateway, message), "completed");
        }

        var id = Guid.NewGuid().ToString();
        envelope["type"] = type;
        envelope["data"] = type switch
        {
            "delivery-confirmation" => new JsonObject
            {
                ["messageId"] = message["data"]!["messageId"]!.DeepClone(),
                ["recipientId"] = message["data"]!["recipientId"]!.DeepClone(),
                ["status"] = "read",
            },
            "send-notification" => new JsonObject { ["recipientId"] = id, ["type"] = "in_app", ["title"] = "New message", ["message"] = "You have a new message." },
            "index-message" => new JsonObject { ["messageId"] = id, ["operation"] = "index", ["content"] = "words", ["senderId"] = id, ["conversationId"] = id },
            "encrypt-decrypt" => new JsonObject { ["messageId"] = id, ["operation"] = "encrypt", ["content"] = "words" },
            "batch-send" => new JsonObject
            {
                ["senderId"] = id,
                ["recipientIds"] = new JsonArray(Guid.NewGuid().ToString(), Guid.NewGuid().ToString()),
                ["content"] = "words",
                ["createConversations"] = true,
                ["chunkDelay"] = 0,
            },
            _ => new JsonObject { ["cleanupType"] = "old_messages", ["dryRun"] = true },
        };
        return envelope;
    }
}
