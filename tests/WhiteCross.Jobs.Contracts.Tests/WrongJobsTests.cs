using System.Text;
using System.Text.Json;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>What is wrong is named by its field; all of it at once, and nothing of what was in it.</summary>
public sealed class WrongJobsTests
{
    private const string Message = JobTypes.SendMessage;
    private const string Confirmation = JobTypes.DeliveryConfirmation;
    private const string Notification = JobTypes.SendNotification;
    private const string Index = JobTypes.IndexMessage;
    private const string Encryption = JobTypes.EncryptDecrypt;
    private const string Batch = JobTypes.BatchSend;
    private const string Cleanup = JobTypes.CleanupMessages;

    /// <summary>One field of a good example, and a value that it must not have; the field's own path is the one to be named.</summary>
    public static TheoryData<string, string, string> Fields => new()
    {
        { Message, "messageId", "\"secret-7\"" },
        { Message, "messageId", "7" },
        { Message, "messageId", "\"{0190a0b0-0000-7000-8000-00000000000a}\"" },
        { Message, "messageId", "\"0190a0b0000070008000000000000000a\"" },
        { Message, "messageId", "\"00000000-0000-0000-0000-000000000000\"" },
        { Message, "senderId", "true" },
        { Message, "recipientId", "[]" },
        { Message, "conversationId", "{}" },
        { Message, "content", "5" },
        { Message, "content", "[\"secret-7\"]" },
        { Message, "content", "\"secret-7\\u0000\"" },
        { Message, "requiresEncryption", "\"secret-7\"" },
        { Message, "requiresEncryption", "1" },
        { Message, "messageType", "{}" },
        { Message, "attachments", "\"secret-7\"" },
        { Message, "attachments", "{}" },
        { Message, "createdAt", "\"secret-7\"" },
        { Message, "createdAt", "1769846400" },
        { Message, "createdAt", "\"2026-02-30T00:00:00Z\"" },
        { Message, "initiatedBy", "5" },
        { Message, "metadata", "\"secret-7\"" },
        { Message, "metadata", "[]" },
        { Confirmation, "status", "\"secret-7\"" },
        { Confirmation, "status", "1" },
        { Confirmation, "deliveredAt", "\"secret-7\"" },
        { Confirmation, "readAt", "false" },
        { Confirmation, "failureReason", "{}" },
        { Notification, "notificationId", "\"secret-7\"" },
        { Notification, "type", "\"secret-7\"" },
        { Notification, "type", "\"inapp\"" },
        { Notification, "type", "2" },
        { Notification, "priority", "\"critical\"" },
        { Notification, "recipientEmail", "\"secret-7\"" },
        { Notification, "recipientEmail", "\"secret-7@localhost\"" },
        { Notification, "recipientEmail", "\"secret-7 @example.org\"" },
        { Notification, "recipientEmail", "\"secret-7@@example.org\"" },
        { Notification, "recipientEmail", "\".secret-7@example.org\"" },
        { Notification, "recipientEmail", "\"secret-7@example..org\"" },
        { Notification, "recipientEmail", "\"secret-7@-example.org\"" },
        { Notification, "recipientEmail", "\"Secret <secret-7@example.org>\"" },
        { Notification, "recipientEmail", "\"secret-7@example.org\\r\\nBcc: all@example.org\"" },
        { Notification, "recipientPhone", "\"secret-7\"" },
        { Notification, "recipientPhone", "\"0151 secret-7\"" },
        { Notification, "recipientPhone", "\"+0123456\"" },
        { Notification, "recipientPhone", "\"+49 151 123\"" },
        { Notification, "recipientPhone", "\"+\\u0661\\u0662\\u0663\"" },
        { Notification, "deviceTokens", "\"secret-7\"" },
        { Notification, "pushPayload", "\"secret-7\"" },
        { Notification, "pushPayload.title", "5" },
        { Notification, "pushPayload.icon", "\"secret-7\"" },
        { Notification, "pushPayload.icon", "\"javascript:secret-7\"" },
        { Notification, "pushPayload.icon", "\"file:///secret-7\"" },
        { Notification, "pushPayload.data", "[\"secret-7\"]" },
        { Notification, "emailPayload", "[]" },
        { Notification, "emailPayload.subject", "\"secret-7\\r\\nBcc: all@example.org\"" },
        { Notification, "emailPayload.htmlBody", "null" },
        { Notification, "emailPayload.templateData", "\"secret-7\"" },
        { Index, "operation", "\"secret-7\"" },
        { Index, "operation", "null" },
        { Index, "content", "null" },
        { Index, "senderId", "\"secret-7\"" },
        { Index, "conversationId", "\"00000000-0000-0000-0000-000000000000\"" },
        { Index, "messageTimestamp", "\"secret-7\"" },
        { Encryption, "operation", "\"secret-7\"" },
        { Encryption, "content", "null" },
        { Encryption, "keyId", "7" },
        { Encryption, "algorithm", "\"secret-7\"" },
        { Batch, "batchId", "\"secret-7\"" },
        { Batch, "recipientIds", "[]" },
        { Batch, "recipientIds", "\"secret-7\"" },
        { Batch, "templateVariables", "[]" },
        { Batch, "customizedMessages", "{}" },
        { Batch, "conversationIds", "\"secret-7\"" },
        { Batch, "createConversations", "\"yes\"" },
        { Batch, "chunkSize", "\"10\"" },
        { Batch, "chunkSize", "1.5" },
        { Batch, "chunkSize", "1e10" },
        { Batch, "chunkDelay", "99999999999999999999" },
        { Cleanup, "cleanupType", "\"secret-7\"" },
        { Cleanup, "olderThan", "\"secret-7\"" },
        { Cleanup, "retentionDays", "\"90\"" },
        { Cleanup, "userIds", "\"secret-7\"" },
        { Cleanup, "dryRun", "\"secret-7\"" },
    };

    /// <summary>A list with something wrong in it; the item is named.</summary>
    public static TheoryData<string, string, string, string> Items => new()
    {
        { Message, "attachments", """["a",""]""", "data.attachments[1]" },
        { Message, "attachments", """["a",5]""", "data.attachments[1]" },
        { Message, "attachments", """[null]""", "data.attachments[0]" },
        { Notification, "deviceTokens", """["secret-7",null]""", "data.deviceTokens[1]" },
        { Batch, "recipientIds", $"""["{Jobs.A}","{Jobs.A}"]""", "data.recipientIds[1]" },
        { Batch, "recipientIds", $"""["{Jobs.A}","secret-7"]""", "data.recipientIds[1]" },
        { Batch, "customizedMessages", $$"""[{"recipientId":"{{Jobs.A}}"},{"recipientId":"secret-7"}]""", "data.customizedMessages[1].recipientId" },
        { Batch, "customizedMessages", $$"""[{"recipientId":"{{Jobs.A}}","variables":[]}]""", "data.customizedMessages[0].variables" },
        { Cleanup, "userIds", """["00000000-0000-0000-0000-000000000000"]""", "data.userIds[0]" },
        { Cleanup, "conversationIds", """["secret-7"]""", "data.conversationIds[0]" },
    };

    /// <summary>Whole bodies, for the delivery queue (two types) and the clean-up queue (one type).</summary>
    public static TheoryData<string, string, string> Bodies => new()
    {
        { JobQueues.MessageCleanup, "", "$" },
        { JobQueues.MessageCleanup, " \r\n ", "$" },
        { JobQueues.MessageCleanup, "null", "$" },
        { JobQueues.MessageCleanup, "[]", "$" },
        { JobQueues.MessageCleanup, "\"secret-7\"", "$" },
        { JobQueues.MessageCleanup, "{", "$" },
        { JobQueues.MessageCleanup, "{} secret-7", "$" },
        { JobQueues.MessageCleanup, """{"cleanupType":"old_messages",}""", "$" },
        { JobQueues.MessageCleanup, "/* secret-7 */ {}", "$" },
        { JobQueues.MessageCleanup, """{"cleanupType":secret-7}""", "$" },
        { JobQueues.MessageCleanup, """{"cleanupType":"old_messages","dryRun":NaN}""", "$" },
        { JobQueues.MessageCleanup, "\ufeff{\"cleanupType\":\"old_messages\"}", "$" },
        { JobQueues.MessageCleanup, """{"data":null}""", "data" },
        { JobQueues.MessageCleanup, """{"data":["secret-7"]}""", "data" },
        { JobQueues.MessageCleanup, """{"jobId":"secret 7","data":{"cleanupType":"old_messages"}}""", "jobId" },
        { JobQueues.MessageCleanup, """{"jobId":"secret-7\n","data":{"cleanupType":"old_messages"}}""", "jobId" },
        { JobQueues.MessageCleanup, """{"jobId":7,"data":{"cleanupType":"old_messages"}}""", "jobId" },
        { JobQueues.MessageCleanup, """{"jobId":{},"data":{"cleanupType":"old_messages"}}""", "jobId" },
        { JobQueues.MessageCleanup, """{"type":"send-message","data":{"cleanupType":"old_messages"}}""", "type" },
        { JobQueues.MessageCleanup, """{"type":"Cleanup-Messages","data":{"cleanupType":"old_messages"}}""", "type" },
        { JobQueues.MessageCleanup, """{"type":5,"data":{"cleanupType":"old_messages"}}""", "type" },
        { JobQueues.MessageDelivery, """{"type":"secret-7","data":{}}""", "type" },
        { JobQueues.MessageDelivery, """{"type":"send-message"}""", "data" },
        { JobQueues.MessageDelivery, """{"data":{}}""", "type" },
        { JobQueues.MessageDelivery, """{"type":null,"data":{}}""", "type" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void Read_WrongValue_NamesTheFieldAndNotTheValue(string type, string path, string value)
    {
        var inEnvelope = Jobs.Read(type, Jobs.Good(type).With(path, value));

        Assert.Equal(["data." + path], inEnvelope.Errors.Keys);
        Assert.DoesNotContain("secret-7", inEnvelope.ErrorText, StringComparison.Ordinal);
        Assert.Null(inEnvelope.Job);
        Assert.Equal("job-1", inEnvelope.JobId);
        var queue = Jobs.QueueOf(type);
        if (queue.DefaultJobType is not null)
        {
            Assert.Equal([path], Jobs.Read(queue, Jobs.Good(type).With(path, value).ToJsonString()).Errors.Keys);
        }
    }

    [Theory]
    [MemberData(nameof(Items))]
    public void Read_WrongItem_NamesTheItem(string type, string path, string value, string field)
    {
        var data = Jobs.Good(type).With(path, value);
        if (type == Batch)
        {
            data.Remove("conversationIds");
        }

        var reading = Jobs.Read(type, data);

        Assert.Equal([field], reading.Errors.Keys);
        Assert.DoesNotContain("secret-7", reading.ErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Read_WrongBody_NamesTheMember(string queue, string body, string field)
    {
        var reading = Jobs.Read(JobQueues.Get(queue), body);

        Assert.Equal([field], reading.Errors.Keys);
        Assert.DoesNotContain("secret", reading.ErrorText, StringComparison.Ordinal);
        Assert.StartsWith(field + ": ", reading.ErrorText, StringComparison.Ordinal);
        if (!reading.Data.IsEmpty)
        {
            using var data = JsonDocument.Parse(reading.Data);
        }
    }

    [Theory]
    [InlineData("push", "deviceTokens")]
    [InlineData("email", "recipientEmail")]
    [InlineData("sms", "recipientPhone")]
    public void Read_NotificationWithoutItsAddress_NamesIt(string type, string field)
    {
        foreach (var missing in new[] { null, "null", field == "deviceTokens" ? "[]" : "\"\"" })
        {
            Assert.Equal(["data." + field], Jobs.Read(Notification, Jobs.Good(Notification).With("type", $"\"{type}\"").With(field, missing)).Errors.Keys);
        }
    }

    [Fact]
    public void Read_IndexWithoutContent_IsAllowedForDeleteOnly()
    {
        Assert.True(Jobs.Read(Index, Jobs.Good(Index).With("operation", "\"delete\"").With("content", null)).IsValid);
        Assert.Equal(["data.content"], Jobs.Read(Index, Jobs.Good(Index).With("operation", "\"index\"").With("content", null)).Errors.Keys);
    }

    [Fact]
    public void Read_MuchIsWrong_NamesAllOfItAtOnce()
    {
        var reading = Jobs.Read(JobQueues.Get(JobQueues.MessageDelivery), """
            {"jobId":" ","type":"send-message","options":{"priority":"x","attempts":0,"backoff":{"type":"fixed","delay":-1}},
             "data":{"messageId":5,"senderId":"x","content":"","attachments":[1]}}
            """);

        Assert.Equal(
            ["jobId", "options.priority", "options.attempts", "options.backoff.delay", "data.messageId", "data.senderId", "data.attachments[0]", "data.recipientId", "data.conversationId", "data.content"],
            reading.Errors.Keys);
        Assert.All(reading.Errors.Values, messages => Assert.Single(messages));
    }

    [Fact]
    public void Read_BrokenJson_SaysWhere()
    {
        var reading = Jobs.Read(JobQueues.Get(JobQueues.MessageCleanup), "{\n  \"dryRun\": tru }");

        Assert.Contains("line 2, byte ", reading.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownType_SaysWhatTheQueueTakes()
    {
        var reading = Jobs.Read(JobQueues.Get(JobQueues.MessageDelivery), """{"type":"x","data":{}}""");

        Assert.Contains("queue 'message-delivery' takes send-message, delivery-confirmation", reading.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_InvalidUtf8_IsRefused()
    {
        byte[] body = [.. """{"cleanupType":"old_messages","initiatedBy":" """u8, 0xc3, 0x28, .. "\"}"u8];

        Assert.Equal(["$"], JobEnvelopeReader.Default.Read(JobQueues.Get(JobQueues.MessageCleanup), body).Errors.Keys);
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Read_TenThousandLevels_IsRefused(char open, char close)
    {
        var nested = string.Concat(Enumerable.Repeat(open == '{' ? "{\"a\":" : "[", 10_000)) + "1" + new string(close, 10_000);

        Assert.Equal(["$"], Jobs.Read(JobQueues.Get(JobQueues.MessageCleanup), $$"""{"data":{"metadata":{"a":{{nested}} } } }""").Errors.Keys);
    }

    [Fact]
    public void ErrorText_OfManyErrors_IsCutBetweenFields()
    {
        var reading = Jobs.Read(Batch, Jobs.Good(Batch).With("recipientIds", $"[{string.Join(',', Enumerable.Repeat("\"no uuid\"", 1_000))}]"));

        Assert.Equal(50, reading.Errors.Count);
        Assert.InRange(Encoding.UTF8.GetByteCount(reading.ErrorText), 1_000, JobLimits.ErrorMessageBytes);
    }
}
