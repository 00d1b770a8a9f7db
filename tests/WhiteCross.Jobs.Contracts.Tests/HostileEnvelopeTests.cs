using System.Text;
using System.Text.Json;
using CsCheck;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>What comes from outside may be anything: it is refused with a name, never thrown at, and what goes on record can be shown again.</summary>
public sealed class HostileEnvelopeTests
{
    private const string Id = "0190a0b0-0000-7000-8000-000000000001";
    private const string IndexQueue = JobQueues.MessageIndexing;
    private const string BatchQueue = JobQueues.BatchMessageSending;
    private const string NotificationQueue = JobQueues.MessageNotification;
    private const string Deleting = $$"""{"messageId":"{{Id}}","operation":"delete"}""";

    public static TheoryData<string, string, string[]> Refused => new()
    {
        // Escapes that are half a character.
        { IndexQueue, """{"d\ud800":1}""", ["messageId", "operation", "content"] },
        { IndexQueue, """{"data\udc00":1,"data":{}}""", ["data.messageId", "data.operation", "data.content"] },
        { IndexQueue, DeletingWith("""{"a":"\ud800"}"""), ["metadata"] },
        { IndexQueue, DeletingWith("""{"\udfff":1}"""), ["metadata"] },
        { IndexQueue, $$"""{"messageId":"{{Id}}","operation":"index","content":"\ud83d\u0041"}""", ["content"] },
        { IndexQueue, $$"""{"messageId":"{{Id}}","operation":"delete","unknown":"\uD800"}""", ["$"] },
        { IndexQueue, $$"""{"jobId":"a\ud800","data":{{Deleting}}}""", ["jobId"] },
        { IndexQueue, $$"""{"jobId":"a\u0000","data":{{Deleting}}}""", ["jobId"] },

        // Null where the type has no room for it.
        { IndexQueue, """{"messageId":null,"operation":"delete"}""", ["messageId"] },
        { IndexQueue, $$"""{"messageId":"{{Id}}","operation":null}""", ["operation", "content"] },
        { BatchQueue, Batch("[null]"), ["recipientIds[0]"] },
        { BatchQueue, Batch($"""["{Id}"]""", ""","customizedMessages":[null]"""), ["customizedMessages[0]"] },
        { BatchQueue, Batch($"""["{Id}"]""", ""","customizedMessages":[{"content":""}]"""), ["customizedMessages[0].recipientId"] },
        { BatchQueue, Batch($"""["{Id}"]""", $$""","customizedMessages":[{"recipientId":"{{Id}}","content":""}]"""), ["customizedMessages[0].content"] },

        // A list with something wrong in it: the item is named, and not the list once more.
        { BatchQueue, Batch($"""["{Id}","zz",5]"""), ["recipientIds[1]", "recipientIds[2]"] },

        // Half a back-off: what is left out must not silently become "fixed", or 0 ms.
        { IndexQueue, WithOptions("""{"backoff":{"delay":5000}}"""), ["options.backoff.type"] },
        { IndexQueue, WithOptions("""{"backoff":{"type":"fixed"}}"""), ["options.backoff.delay"] },
        { IndexQueue, WithOptions("""{"backoff":{"type":"fixed","delay":"x"},"attempts":0}"""), ["options.backoff.delay", "options.attempts"] },

        // Given twice.
        { IndexQueue, $$"""{"jobId":null,"jobId":"x","data":{{Deleting}}}""", ["jobId"] },
        { IndexQueue, $$"""{"data":{{Deleting}},"data":{{Deleting}}}""", ["data"] },
        { IndexQueue, $$"""{"messageId":"{{Id}}","messageId":"{{Id}}","operation":"delete"}""", ["messageId"] },
        { IndexQueue, Enveloped(DeletingWith("""{"x":{"a":1,"a":2}}""")), ["data.metadata"] },

        // Required by the payloads, and addresses that are none.
        { NotificationQueue, Notification(""","type":"push","deviceTokens":["t"],"pushPayload":{}"""), ["pushPayload.title", "pushPayload.body"] },
        { NotificationQueue, Notification(""","type":"in_app","emailPayload":{"textBody":"x"}"""), ["emailPayload.subject", "emailPayload.htmlBody"] },
        { NotificationQueue, Notification(""","type":"email","recipientEmail":"a@127.0.0.1" """), ["recipientEmail"] },
        { NotificationQueue, Notification(""","type":"email","recipientEmail":"\u212Aate@example.org" """), ["recipientEmail"] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Read_WhatIsWrong_NamesExactlyTheFields(string queue, string json, string[] fields)
    {
        var reading = Read(queue, json);

        Assert.Equal(fields, reading.Errors.Keys);
        Assert.Null(reading.Job);
    }

    [Theory]
    [InlineData("\\ud83d\\ude00")]
    [InlineData("\\\\ud800")]
    [InlineData("\\n\\u0041")]
    public void Read_WholeCharactersInEscapes_AreTaken(string content)
    {
        Assert.True(Read(IndexQueue, $$"""{"messageId":"{{Id}}","operation":"index","content":"{{content}}"}""").IsValid);
    }

    [Theory]
    [InlineData("index-message", IndexQueue)]
    [InlineData("encrypt-decrypt", JobQueues.MessageEncryption)]
    public void Read_ContentOfSpaces_IsTaken(string type, string queue)
    {
        // A message may consist of spaces, and then its index and encryption jobs must not fail.
        var operation = queue == IndexQueue ? "index" : "encrypt";
        var data = $$"""{"messageId":"{{Id}}","operation":"{{operation}}","content":"  "}""";

        Assert.True(Read(queue, $$"""{"type":"{{type}}","data":{{data}} }""").IsValid);
    }

    [Theory]
    [InlineData("send-mesage", "send-mesage")]
    [InlineData("Jane Doe has\\nflu", "")]
    [InlineData("\\u0000", "")]
    public void Read_UnknownType_KeepsItOnlyWhereItLooksLikeAName(string given, string kept)
    {
        var reading = Read(JobQueues.MessageDelivery, $$"""{"type":"{{given}}","data":null}""");

        Assert.Equal(["type"], reading.Errors.Keys);
        Assert.Equal(kept, reading.Type);
    }

    [Theory]
    [InlineData("metadata")]
    [InlineData("unknown")]
    public void Read_NamesThatTheSenderMadeUp_AreNotRepeated(string member)
    {
        const string Twice = """{"jane@example.org":1,"jane@example.org":2}""";

        var reading = Read(IndexQueue, Enveloped($$"""{"messageId":5,"operation":"delete","{{member}}":{{Twice}} }""")[..^1] + "," + Twice[1..]);

        Assert.Contains("data.messageId", reading.Errors.Keys);
        Assert.DoesNotContain("jane", reading.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain("jane", string.Concat(reading.Errors.Keys), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HalfACharacter_LeavesNothingThatCouldNotBeWrittenAgain()
    {
        Assert.True(Read(IndexQueue, """{"data":{"content":"\ud800"}}""").Data.IsEmpty);
        Assert.False(Read(IndexQueue, """{"jobId":"\ud800","data":{"content":"x"}}""").Data.IsEmpty);
    }

    [Fact]
    public void Read_AsDeepAsAllowed_CanBeWrappedInWhatCarriesIt()
    {
        // An object with metadata at level 2: as many levels of arrays in it as are left.
        var deepest = Nested(JobLimits.Nesting - 2);
        var reading = Read(IndexQueue, deepest);
        Assert.True(reading.IsValid, reading.ErrorText);
        Assert.Equal(["$"], Read(IndexQueue, Nested(JobLimits.Nesting - 1)).Errors.Keys);

        using var data = JsonDocument.Parse(reading.Data);
        var record = new JobRecord { JobId = "a", Queue = IndexQueue, Type = reading.Type, State = JobState.Failed, Data = data.RootElement };
        var page = JsonSerializer.SerializeToUtf8Bytes([record], JobsJsonContext.Default.IReadOnlyListJobRecord);
        var bulkDelivery = """{"entries":[{"event":{"data":{"envelope":""" + Enveloped(deepest) + "}}}]}";

        Assert.Single(JsonSerializer.Deserialize(page, JobsJsonContext.Default.IReadOnlyListJobRecord)!);
        using var wrapped = JsonDocument.Parse(bulkDelivery);
        Assert.Equal(JsonValueKind.Object, wrapped.RootElement.ValueKind);

        static string Nested(int arrays) =>
            DeletingWith($$"""{"a":{{new string('[', arrays)}}{{new string(']', arrays)}} }""");
    }

    [Fact]
    public void Record_OfDataWithAPropertyTwice_CanBeRead()
    {
        using var data = JsonDocument.Parse("""{"a":1,"a":2}""");
        var record = new JobRecord { JobId = "a", Queue = IndexQueue, Type = "t", State = JobState.Failed, Data = data.RootElement };

        var read = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(record, JobsJsonContext.Default.JobRecord), JobsJsonContext.Default.JobRecord);

        Assert.Equal("""{"a":1,"a":2}""", read!.Data.GetRawText());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"\"")]
    [InlineData("{}")]
    [InlineData("null")]
    public void Read_AMegabyteOfWrongItems_NamesAFew(string item)
    {
        var items = string.Join(',', Enumerable.Repeat(item, 200_000));
        var json = Batch($"[{items}]");

        var reading = Read(BatchQueue, json);

        Assert.InRange(reading.Errors.Count, 1, 50);
        Assert.All(reading.Errors.Keys, field => Assert.StartsWith("recipientIds[", field, StringComparison.Ordinal));
        Assert.InRange(Encoding.UTF8.GetByteCount(reading.ErrorText), 1, JobLimits.ErrorMessageBytes);
    }

    [Fact]
    public void Bulk_WithADeepEntry_HarmsNoOther()
    {
        var deep = new string('[', 200) + new string(']', 200);

        var bulk = JobBulkReader.Default.Read(JobQueues.Get(IndexQueue), Encoding.UTF8.GetBytes($$"""{"jobs":[{"data":{{deep}}},{{Deleting}}]}"""));

        Assert.Empty(bulk.Errors);
        Assert.Equal([false, true], bulk.Jobs.Select(job => job.IsValid));
    }

    [Fact]
    public void Bulk_WithANameThatIsNoText_IsRefused()
    {
        var bulk = JobBulkReader.Default.Read(JobQueues.Get(IndexQueue), """{"j\ud800":1}"""u8.ToArray());

        Assert.Equal(["$"], bulk.Errors.Keys);
    }

    [Fact]
    public void Read_ValidEnvelopesWithBytesChanged_NeverThrowsAndSaysWhy()
    {
        string[] seeds =
        [
            $$$"""{"jobId":"a-1","type":"index-message","data":{{{Deleting}}},"options":{"priority":"HIGH","delay":0,"attempts":5,"timeout":30000,"backoff":{"type":"exponential","delay":2000},"removeOnFail":false}}""",
            Batch($"""["{Id}"]""", $$$""","customizedMessages":[{"recipientId":"{{{Id}}}","variables":{"a":[1,{"b":"\ud83d\ude00"}]}}],"chunkSize":10,"metadata":{"a":null}"""),
            Notification(""","type":"email","recipientEmail":"a@example.org","emailPayload":{"subject":"s","htmlBody":"b","templateData":{}},"createdAt":"2026-01-31T08:00:00Z" """),
        ];
        string[] pieces = ["\\ud800", "\\udc00", "\0", "\"", "\\", "{", "}", "[", "]", "null", "1e999", "-1", "\"data\":", "\"data\":{},", "\"type\":5,", ",", "é", "true", ":"];

        var change = Gen.Select(Gen.Int[0, 600], Gen.Int[0, 12], Gen.OneOf(Gen.Int[0, pieces.Length - 1].Select(i => Encoding.UTF8.GetBytes(pieces[i])), Gen.Byte.Array[0, 4]));
        Gen.Select(Gen.Int[0, seeds.Length - 1].Select(i => seeds[i]), Gen.Int[0, JobQueues.All.Count - 1], change.Array[1, 4]).Sample(
            (seed, queue, changes) =>
            {
                var bytes = Encoding.UTF8.GetBytes(seed).ToList();
                foreach (var (at, removed, added) in changes)
                {
                    var start = Math.Min(at, bytes.Count);
                    bytes.RemoveRange(start, Math.Min(removed, bytes.Count - start));
                    bytes.InsertRange(start, added);
                }

                var reading = JobEnvelopeReader.Default.Read(JobQueues.All[queue], bytes.ToArray());
                _ = JobBulkReader.Default.Read(JobQueues.All[queue], bytes.ToArray());

                Assert.Equal(reading.IsValid, reading.Job is not null);
                Assert.Equal(reading.IsValid, reading.ErrorText.Length == 0);
                Assert.DoesNotContain("cannot be read as a job of this queue", reading.ErrorText, StringComparison.Ordinal);
                if (!reading.Data.IsEmpty)
                {
                    using var data = JsonDocument.Parse(reading.Data);
                    var record = new JobRecord { JobId = "a", Queue = "q", Type = reading.Type, State = JobState.Failed, Data = data.RootElement };
                    Assert.NotEmpty(JsonSerializer.SerializeToUtf8Bytes(record, JobsJsonContext.Default.JobRecord));
                }
            },
            iter: RandomCases.Count(5_000));
    }

    private static string DeletingWith(string metadata) => $$"""{"messageId":"{{Id}}","operation":"delete","metadata":{{metadata}} }""";

    private static string Enveloped(string data) => $$"""{"data":{{data}} }""";

    private static string WithOptions(string options) => $$"""{"data":{{Deleting}},"options":{{options}} }""";

    private static string Batch(string recipients, string more = "") => $$"""{"senderId":"{{Id}}","recipientIds":{{recipients}},"content":"x"{{more}}}""";

    private static string Notification(string more) => $$"""{"recipientId":"{{Id}}","title":"t","message":"m"{{more}}}""";

    private static JobReading Read(string queue, string json) => JobEnvelopeReader.Default.Read(JobQueues.Get(queue), Encoding.UTF8.GetBytes(json));
}
