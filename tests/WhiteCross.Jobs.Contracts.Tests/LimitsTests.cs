namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>Every limit of the job data and the options: reached, it is taken; passed by one, the field is named.</summary>
public sealed class LimitsTests
{
    private const string Message = JobTypes.SendMessage;
    private const string Notification = JobTypes.SendNotification;
    private const string Batch = JobTypes.BatchSend;
    private const string Cleanup = JobTypes.CleanupMessages;

    /// <summary>Type, path, a value that is just good, and one that is just not.</summary>
    public static TheoryData<string, string, string, string> Data => new()
    {
        { Message, "content", Jobs.Text(1), Jobs.Text(0) },
        { Message, "content", Jobs.Text(10_000), Jobs.Text(10_001) },
        { JobTypes.DeliveryConfirmation, "failureReason", Jobs.Text(500), Jobs.Text(501) },
        { Notification, "title", Jobs.Text(1), Jobs.Text(0) },
        { Notification, "title", Jobs.Text(200), Jobs.Text(201) },
        { Notification, "message", Jobs.Text(1), Jobs.Text(0) },
        { Notification, "message", Jobs.Text(1_000), Jobs.Text(1_001) },
        { Notification, "pushPayload.title", Jobs.Text(100), Jobs.Text(101) },
        { Notification, "pushPayload.body", Jobs.Text(500), Jobs.Text(501) },
        { Notification, "emailPayload.subject", Jobs.Text(200), Jobs.Text(201) },
        { Notification, "emailPayload.htmlBody", Jobs.Text(1), Jobs.Text(0) },
        { Notification, "recipientPhone", "\"+12\"", "\"+1\"" },
        { Notification, "recipientPhone", "\"+123456789012345\"", "\"+1234567890123456\"" },
        { Notification, "recipientEmail", $"\"{new string('a', 64)}@example.org\"", $"\"{new string('a', 65)}@example.org\"" },
        { Notification, "recipientEmail", $"\"a@{new string('b', 63)}.org\"", $"\"a@{new string('b', 64)}.org\"" },
        { JobTypes.EncryptDecrypt, "content", Jobs.Text(1), Jobs.Text(0) },
        { JobTypes.EncryptDecrypt, "algorithm", "\"AES-256-GCM\"", "\"aes-128-cbc\"" },
        { Batch, "content", Jobs.Text(1), Jobs.Text(0) },
        { Batch, "content", Jobs.Text(10_000), Jobs.Text(10_001) },
        { Batch, "chunkSize", "1", "0" },
        { Batch, "chunkSize", "1000", "1001" },
        { Batch, "chunkDelay", "0", "-1" },
        { Batch, "conversationIds", Jobs.Ids(2), Jobs.Ids(1) },
        { Batch, "conversationIds", Jobs.Ids(2), Jobs.Ids(3) },
        { Cleanup, "retentionDays", "1", "0" },
        { Cleanup, "retentionDays", "3650", "3651" },
        { Cleanup, "batchSize", "1", "0" },
        { Cleanup, "batchSize", "10000", "10001" },
    };

    public static TheoryData<string, string, string, string> Options => new()
    {
        { "options.delay", """{"delay":0}""", """{"delay":-1}""", "31536000000" },
        { "options.delay", """{"delay":31536000000}""", """{"delay":31536000001}""", "365 days" },
        { "options.attempts", """{"attempts":1}""", """{"attempts":0}""", "between 1 and 100" },
        { "options.attempts", """{"attempts":100}""", """{"attempts":101}""", "between 1 and 100" },
        { "options.timeout", """{"timeout":1}""", """{"timeout":0}""", "between 1 and 86400000 ms" },
        { "options.timeout", """{"timeout":86400000}""", """{"timeout":86400001}""", "24 hours" },
        { "options.backoff.delay", """{"backoff":{"type":"fixed","delay":0}}""", """{"backoff":{"type":"fixed","delay":-1}}""", "between 0 and 86400000 ms" },
        { "options.backoff.delay", """{"backoff":{"type":"FIXED","delay":86400000}}""", """{"backoff":{"type":"fixed","delay":86400001}}""", "24 hours" },
        { "options.backoff.type", """{"backoff":{"type":"exponential","delay":1}}""", """{"backoff":{"type":"linear","delay":1}}""", "fixed, exponential" },
        { "options.backoff", """{"backoff":null}""", """{"backoff":5000}""", "object" },
        { "options.priority", """{"priority":20}""", """{"priority":2}""", "LOW (1), NORMAL (5), HIGH (10), CRITICAL (20)" },
        { "options.priority", """{"priority":"low"}""", """{"priority":"urgent"}""", "LOW (1), NORMAL (5), HIGH (10), CRITICAL (20)" },
        { "options.removeOnComplete", """{"removeOnComplete":true}""", """{"removeOnComplete":"true"}""", "true or false" },
        { "options.removeOnFail", """{"removeOnFail":false}""", """{"removeOnFail":1}""", "true or false" },
        { "options", "{}", "[]", "object" },
    };

    [Theory]
    [MemberData(nameof(Data))]
    public void Data_AtItsLimitIsTaken_BeyondItNamesTheField(string type, string path, string good, string bad)
    {
        var taken = Jobs.Read(type, Jobs.Good(type).With(path, good));
        var refused = Jobs.Read(type, Jobs.Good(type).With(path, bad));

        Assert.True(taken.IsValid, taken.ErrorText);
        Assert.Equal(["data." + path], refused.Errors.Keys);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_AtTheirLimitAreTaken_BeyondItNameTheFieldAndWhatIsAllowed(string field, string good, string bad, string allowed)
    {
        var taken = Jobs.Read(Cleanup, Jobs.Good(Cleanup), good);
        var refused = Jobs.Read(Cleanup, Jobs.Good(Cleanup), bad);

        Assert.True(taken.IsValid, taken.ErrorText);
        Assert.Equal([field], refused.Errors.Keys);
        Assert.Contains(allowed, refused.ErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(128, true)]
    [InlineData(0, false)]
    [InlineData(129, false)]
    public void JobId_HasAtMost128Characters(int length, bool isValid)
    {
        var reading = Jobs.Read(JobQueues.Get(JobQueues.MessageCleanup), $$"""{"jobId":{{Jobs.Text(length)}},"data":{"cleanupType":"old_messages"} }""");

        Assert.Equal(isValid ? [] : ["jobId"], reading.Errors.Keys);
    }

    [Fact]
    public void Recipients_AreAtMost100000()
    {
        // Their JSON is larger than a job's data may be; the rule is for whoever has the data already.
        var job = new BatchSendJob { SenderId = Guid.NewGuid(), Content = "x", RecipientIds = [.. Enumerable.Range(0, 100_000).Select(_ => Guid.NewGuid())] };
        var validator = new BatchSendJobValidator();

        Assert.True(validator.Validate(job).IsValid);
        var failure = Assert.Single(validator.Validate(job with { RecipientIds = [.. job.RecipientIds, Guid.NewGuid()] }).Errors);
        Assert.Equal(nameof(BatchSendJob.RecipientIds), failure.PropertyName);
    }
}
