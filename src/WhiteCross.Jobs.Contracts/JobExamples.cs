namespace WhiteCross.Jobs.Contracts;

/// <summary>A valid envelope of each job type, for documents and tests.</summary>
public static class JobExamples
{
    private const string Someone = "8b1f4b1e-3c1d-4d3b-9a57-2f0c7c1d9e11";

    private const string SomeoneElse = "2d3f9a4c-7f55-4f0a-8d0e-6c1b5a4e8f22";

    private const string Message = "f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33";

    private const string Conversation = "0c9e8d7f-6a5b-4c3d-8e2f-1a0b9c8d7e44";

    private static readonly Dictionary<string, string> Envelopes = new()
    {
        [JobTypes.SendMessage] = $$"""
            {
              "type": "send-message",
              "data": {
                "messageId": "{{Message}}",
                "senderId": "{{Someone}}",
                "recipientId": "{{SomeoneElse}}",
                "conversationId": "{{Conversation}}",
                "content": "Your appointment is on Monday at 9:30.",
                "requiresEncryption": true
              },
              "options": { "priority": "HIGH" }
            }
            """,
        [JobTypes.DeliveryConfirmation] = $$"""
            {
              "type": "delivery-confirmation",
              "data": {
                "messageId": "{{Message}}",
                "recipientId": "{{SomeoneElse}}",
                "status": "read",
                "readAt": "2026-11-30T09:30:00Z"
              }
            }
            """,
        [JobTypes.SendNotification] = $$"""
            {
              "type": "send-notification",
              "data": {
                "recipientId": "{{SomeoneElse}}",
                "type": "email",
                "title": "New message",
                "message": "You have a new message. Open the app to read it.",
                "recipientEmail": "name@example.org"
              }
            }
            """,
        [JobTypes.IndexMessage] = $$"""
            {
              "type": "index-message",
              "data": {
                "messageId": "{{Message}}",
                "operation": "index",
                "content": "Your appointment is on Monday at 9:30.",
                "senderId": "{{Someone}}",
                "conversationId": "{{Conversation}}"
              }
            }
            """,
        [JobTypes.EncryptDecrypt] = $$"""
            {
              "type": "encrypt-decrypt",
              "data": { "messageId": "{{Message}}", "operation": "encrypt", "content": "Your appointment is on Monday at 9:30." }
            }
            """,
        [JobTypes.BatchSend] = $$$"""
            {
              "type": "batch-send",
              "data": {
                "senderId": "{{{Someone}}}",
                "recipientIds": ["{{{SomeoneElse}}}", "{{{Conversation}}}"],
                "content": "Dear {{name}}, the practice is closed on Friday.",
                "templateVariables": { "name": "patient" },
                "createConversations": true,
                "chunkSize": 100
              },
              "options": { "priority": "LOW" }
            }
            """,
        [JobTypes.CleanupMessages] = """
            {
              "type": "cleanup-messages",
              "data": { "cleanupType": "old_messages", "retentionDays": 365, "dryRun": true }
            }
            """,
    };

    /// <summary>The envelope of a type, as JSON.</summary>
    /// <param name="jobType">The type; see <see cref="JobTypes"/>.</param>
    public static string EnvelopeOf(string jobType) => Envelopes[jobType];
}
