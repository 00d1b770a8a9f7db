using System.Text;
using System.Text.Json;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>What is wrong is named by its field; all of it at once, and nothing of what was in it.</summary>
public sealed class WrongJobsTests
{
    private const string Notification = JobTypes.SendNotification;
    private const string Index = JobTypes.IndexMessage;
    private const string Batch = JobTypes.BatchSend;

    [Theory]
    [MemberData(nameof(WrongJobs.Fields), MemberType = typeof(WrongJobs))]
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
    [MemberData(nameof(WrongJobs.Items), MemberType = typeof(WrongJobs))]
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
    [MemberData(nameof(WrongJobs.Bodies), MemberType = typeof(WrongJobs))]
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
    public void Read_NotificationWithoutItsAddress_IsForTheRegisteredOne_AndAnEmptyOneIsNamed(string type, string field)
    {
        foreach (var missing in new[] { null, "null" })
        {
            Assert.True(Jobs.Read(Notification, Jobs.Good(Notification).With("type", $"\"{type}\"").With(field, missing)).IsValid);
        }

        var empty = field == "deviceTokens" ? "[]" : "\"\"";
        Assert.Equal(["data." + field], Jobs.Read(Notification, Jobs.Good(Notification).With("type", $"\"{type}\"").With(field, empty)).Errors.Keys);
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
