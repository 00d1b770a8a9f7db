using System.Text;
using System.Text.Json.Nodes;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>A good example of every job type, to be changed in one place and read.</summary>
internal static class Jobs
{
    public const string A = "0190a0b0-0000-7000-8000-00000000000a";
    public const string B = "0190a0b0-0000-7000-8000-00000000000b";

    /// <summary>Every field of every type, all of them valid.</summary>
    public static JsonObject Good(string type) => JsonNode.Parse(type switch
    {
        JobTypes.SendMessage => $$"""
            {"messageId":"{{A}}","senderId":"{{A}}","recipientId":"{{B}}","conversationId":"{{B}}","content":"Hello","requiresEncryption":true,
             "messageType":"text","attachments":["file-1"],"createdAt":"2026-01-31T08:00:00Z","initiatedBy":"user-1","metadata":{"a":1} }
            """,
        JobTypes.DeliveryConfirmation => $$"""
            {"messageId":"{{A}}","recipientId":"{{B}}","status":"read","deliveredAt":"2026-01-31T08:00:00Z","readAt":"2026-01-31T09:00:00.123+01:00",
             "failureReason":"none"}
            """,
        JobTypes.SendNotification => $$"""
            {"notificationId":"{{A}}","recipientId":"{{B}}","type":"email","title":"Title","message":"Message","messageId":"{{A}}","priority":"urgent",
             "recipientEmail":"name@example.org","recipientPhone":"+4915112345678","deviceTokens":["token"],
             "pushPayload":{"title":"t","body":"b","icon":"https://example.org/i.png","clickAction":"open","data":{"a":1} },
             "emailPayload":{"subject":"s","htmlBody":"<p>b</p>","textBody":"b","templateId":"t","templateData":{"a":"b"} } }
            """,
        JobTypes.IndexMessage => $$"""
            {"messageId":"{{A}}","operation":"update","content":"Hello","senderId":"{{A}}","recipientId":"{{B}}","conversationId":"{{B}}",
             "messageTimestamp":"2026-01-31T08:00:00Z"}
            """,
        JobTypes.EncryptDecrypt => $$"""{"messageId":"{{A}}","operation":"encrypt","content":"Hello","keyId":"k1","algorithm":"AES-256-GCM"}""",
        JobTypes.BatchSend => $$"""
            {"batchId":"{{A}}","senderId":"{{A}}","recipientIds":["{{A}}","{{B}}"],"content":"Hello","templateId":"t","templateVariables":{"a":"b"},
             "customizedMessages":[{"recipientId":"{{B}}","content":"Hi","variables":{"a":"c"} }],"conversationIds":["{{A}}","{{B}}"],
             "createConversations":false,"chunkSize":10,"chunkDelay":100}
            """,
        JobTypes.CleanupMessages => $$"""
            {"cleanupType":"old_messages","retentionDays":90,"conversationIds":["{{A}}"],"userIds":["{{B}}"],
             "batchSize":1000,"dryRun":true}
            """,
        _ => JsonNode.Parse(JobTypeRegistry.Default.ExampleOf(type))!["data"]!.ToJsonString(),
    })!.AsObject();

    public static QueueDefinition QueueOf(string type) => JobQueues.All.Single(queue => queue.Takes(type));

    /// <summary>Puts a value, given as JSON, at a path such as <c>emailPayload.subject</c>; null removes what is there.</summary>
    public static JsonObject With(this JsonObject data, string path, string? json)
    {
        var parts = path.Split('.');
        var at = data;
        foreach (var part in parts[..^1])
        {
            at = at[part]!.AsObject();
        }

        if (json is null)
        {
            at.Remove(parts[^1]);
        }
        else
        {
            at[parts[^1]] = JsonNode.Parse(json);
        }

        return data;
    }

    public static JobReading Read(string type, JsonObject data, string options = "null") => Read(
        QueueOf(type), $$"""{"jobId":"job-1","type":"{{type}}","options":{{options}},"data":{{data.ToJsonString()}} }""");

    public static JobReading Read(QueueDefinition queue, string json) => JobEnvelopeReader.Default.Read(queue, Encoding.UTF8.GetBytes(json));

    public static string Text(int length) => $"\"{new string('x', length)}\"";

    public static string Ids(int count) => $"[{string.Join(',', Enumerable.Range(1, count).Select(i => $"\"0190a0b0-0000-7000-8000-{i:x12}\""))}]";
}
