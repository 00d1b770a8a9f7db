using System.Text;
using System.Text.Json;
using CsCheck;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>What one service writes, another reads as the same, whatever the values are.</summary>
public sealed class ContractRoundTripTests
{
    private static readonly Gen<Guid> Ids = Gen.Guid.Where(id => id != Guid.Empty);
    private static readonly Gen<Guid?> MaybeId = Ids.Select(Gen.Bool, (id, given) => given ? id : (Guid?)null);

    // Any text that is one: no half characters, no U+0000.
    private static readonly Gen<string> Texts = Gen.OneOf(
            Gen.Char[' ', '~'].Select(c => c.ToString()),
            Gen.Char['\u00a0', '\u2fff'].Select(c => c.ToString()),
            Gen.Int[0x1f600, 0x1f64f].Select(char.ConvertFromUtf32),
            Gen.Int[0, 4].Select(i => new[] { "\"", "\\", "\n", "<", "\u2028" }[i]))
        .Array[1, 40].Select(string.Concat);

    private static readonly Gen<string?> MaybeText = Texts.Select(Gen.Bool, (text, given) => given ? text : null);
    private static readonly Gen<bool?> MaybeBool = Gen.Int[0, 2].Select(i => i == 0 ? (bool?)null : i == 1);
    private static readonly Gen<DateTimeOffset?> MaybeTime = Gen.Long[0, 4_000_000_000_000].Select(
        Gen.Bool, (milliseconds, given) => given ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToOffset(TimeSpan.FromMinutes(milliseconds % 14 * 60)) : (DateTimeOffset?)null);

    private static readonly Gen<Dictionary<string, JsonElement>?> MaybeObject = Gen.Select(Texts, Texts, Gen.Int, Gen.Bool).Select((name, text, number, given) =>
        given ? new Dictionary<string, JsonElement> { [name] = Element(text), [name + "2"] = Element(number) } : null);

    [Fact]
    public void SendMessage() => RoundTrips(
        JobQueues.MessageDelivery,
        Gen.Select(Ids, Ids, Ids, Texts, MaybeBool, MaybeText, Texts.Array[0, 3]).Select((message, sender, recipient, content, encrypted, kind, attachments) =>
            new SendMessageJob
            {
                MessageId = message,
                SenderId = sender,
                RecipientId = recipient,
                ConversationId = sender,
                Content = content,
                RequiresEncryption = encrypted,
                MessageType = kind,
                Attachments = kind is null ? null : attachments,
            }));

    [Fact]
    public void DeliveryConfirmation() => RoundTrips(
        JobQueues.MessageDelivery,
        Gen.Select(Ids, Ids, Gen.Enum<MessageStatus>(), MaybeTime, MaybeTime, MaybeText).Select((message, recipient, status, delivered, read, reason) =>
            new DeliveryConfirmationJob
            {
                MessageId = message,
                RecipientId = recipient,
                Status = status,
                DeliveredAt = delivered,
                ReadAt = read,
                FailureReason = reason,
            }));

    [Fact]
    public void SendNotification() => RoundTrips(
        JobQueues.MessageNotification,
        Gen.Select(MaybeId, Ids, Gen.Enum<NotificationType>(), Texts, Texts, Gen.Enum<NotificationPriority>(), MaybeObject).Select(
            (notification, recipient, type, title, message, priority, data) => new SendNotificationJob
            {
                NotificationId = notification,
                RecipientId = recipient,
                Type = type,
                Title = title,
                Message = message,
                Priority = priority,
                MessageId = notification,
                RecipientEmail = "first.last+tag@mail.example.org",
                RecipientPhone = "+4915112345678",
                DeviceTokens = [title],
                PushPayload = data is null ? null : new PushPayload { Title = title, Body = message, Icon = "https://example.org/i.png", ClickAction = title, Data = data },
                EmailPayload = data is null
                    ? null
                    : new EmailPayload { Subject = title.Replace('\n', ' '), HtmlBody = message, TextBody = title, TemplateId = "welcome", TemplateData = data },
            }));

    [Fact]
    public void IndexMessage() => RoundTrips(
        JobQueues.MessageIndexing,
        Gen.Select(Ids, Gen.Enum<IndexOperation>(), Texts, MaybeId, MaybeTime).Select((message, operation, content, other, sent) => new IndexMessageJob
        {
            MessageId = message,
            Operation = operation,
            Content = operation == IndexOperation.Delete ? null : content,
            SenderId = other,
            RecipientId = other,
            ConversationId = other,
            MessageTimestamp = sent,
        }));

    [Fact]
    public void EncryptDecrypt() => RoundTrips(
        JobQueues.MessageEncryption,
        Gen.Select(Ids, Gen.Enum<EncryptionOperation>(), Texts, MaybeText).Select((message, operation, content, key) => new EncryptDecryptJob
        {
            MessageId = message,
            Operation = operation,
            Content = content,
            KeyId = key,
            Algorithm = key is null ? null : EncryptDecryptJob.Aes256Gcm,
        }));

    [Fact]
    public void BatchSend() => RoundTrips(
        JobQueues.BatchMessageSending,
        Gen.Select(MaybeId, Ids, Ids.HashSet[1, 20], Texts, MaybeObject, MaybeBool, Gen.Int[1, 1000]).Select((batch, sender, recipients, content, variables, create, chunk) =>
            new BatchSendJob
            {
                BatchId = batch,
                SenderId = sender,
                RecipientIds = [.. recipients],
                Content = content,
                TemplateId = content,
                TemplateVariables = variables,
                CustomizedMessages = variables is null ? null : [new CustomizedMessage { RecipientId = recipients.First(), Content = content, Variables = variables }],
                ConversationIds = create is true ? [.. recipients] : null,
                CreateConversations = create,
                ChunkSize = chunk,
                ChunkDelay = chunk - 1,
            }));

    [Fact]
    public void CleanupMessages() => RoundTrips(
        JobQueues.MessageCleanup,
        Gen.Select(Gen.Enum<CleanupType>(), MaybeTime, Gen.Int[1, 3650], Ids.Array[0, 3], Gen.Int[1, 10_000], MaybeBool).Select((type, older, days, ids, size, dry) =>
            new CleanupMessagesJob
            {
                CleanupType = type,
                OlderThan = type == CleanupType.Person ? null : older,
                RetentionDays = type == CleanupType.Person || older is not null ? null : days,
                ConversationIds = type == CleanupType.Person ? null : ids,
                UserIds = type == CleanupType.Person ? [Guid.NewGuid()] : ids,
                BatchSize = size,
                DryRun = dry,
            }));

    [Fact]
    public void Options() =>
        Gen.Select(Gen.Enum<JobPriority>(), Gen.Long[0, JobLimits.DelayMilliseconds], Gen.Int[1, 100], Gen.Long[1, JobLimits.TimeoutMilliseconds], Gen.Enum<JobBackoffType>(), MaybeBool)
            .Select((priority, delay, attempts, timeout, type, remove) => new JobOptions
            {
                Priority = priority,
                Delay = delay,
                Attempts = attempts,
                Timeout = timeout,
                Backoff = new JobBackoff(type, delay % JobBackoff.MaxDelay),
                RemoveOnComplete = remove,
                RemoveOnFail = remove,
            })
            .Sample(options =>
            {
                var envelope = new JobEnvelope { JobId = "a:b/ü", Data = Element("""{"cleanupType":"old_messages"}""", isJson: true), Options = options };

                var reading = JobEnvelopeReader.Default.Read(
                    JobQueues.Get(JobQueues.MessageCleanup), JsonSerializer.SerializeToUtf8Bytes(envelope, JobsJsonContext.Default.JobEnvelope));

                Assert.True(reading.IsValid, reading.ErrorText);
                Assert.Equal("a:b/ü", reading.JobId);
                Assert.Equal(JobTypes.CleanupMessages, reading.Type);
                Assert.Equal(options, reading.Options);
                Assert.Equal(options, JsonSerializer.Deserialize(reading.OptionsJson.Span, JobsJsonContext.Default.JobOptions));
            });

    /// <summary>Writes data, reads it as an envelope and, where the queue allows, bare, and writes what was read: both texts are the same.</summary>
    private static void RoundTrips<TData>(string queueName, Gen<TData> data)
        where TData : JobData, IJobData
    {
        var queue = JobQueues.Get(queueName);
        var json = JobsJsonContext.Default.Options.GetTypeInfo(typeof(TData));
        Gen.Select(data, MaybeTime, MaybeText, MaybeObject).Select((job, created, by, metadata) => job with { CreatedAt = created, InitiatedBy = by, Metadata = metadata })
            .Sample(job =>
            {
                var written = JsonSerializer.Serialize(job, json);
                var envelope = $$"""{"type":"{{TData.JobType}}","options":null,"data":{{written}} }""";

                var reading = JobEnvelopeReader.Default.Read(queue, Encoding.UTF8.GetBytes(envelope));

                Assert.True(reading.IsValid, reading.ErrorText);
                Assert.Equal(TData.JobType, reading.Type);
                Assert.Equal(written, Encoding.UTF8.GetString(reading.Data.Span));
                Assert.Equal(written, JsonSerializer.Serialize(Assert.IsType<TData>(reading.Job), json));
                if (queue.DefaultJobType is not null)
                {
                    var bare = JobEnvelopeReader.Default.Read(queue, Encoding.UTF8.GetBytes(written));
                    Assert.True(bare.IsValid, bare.ErrorText);
                    Assert.Equal(written, JsonSerializer.Serialize(Assert.IsType<TData>(bare.Job), json));
                }
            });
    }

    private static JsonElement Element(string text, bool isJson = false)
    {
        using var document = JsonDocument.Parse(isJson ? text : JsonSerializer.Serialize(text));
        return document.RootElement.Clone();
    }

    private static JsonElement Element(int number) => Element(number.ToString(System.Globalization.CultureInfo.InvariantCulture), isJson: true);
}
