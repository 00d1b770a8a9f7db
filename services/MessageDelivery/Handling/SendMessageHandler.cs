using System.Text.Json;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Stores a message with a copy for each member of its conversation, announces it to their devices and brings its follow-up jobs on the way. Every part can
/// be repeated: the message is stored once, each device gets it once, and its sender is told of each status once, however many attempts it takes and
/// however often the message is sent again.
/// </summary>
internal sealed class SendMessageHandler(
    MessageStore store,
    MessageStatusMover mover,
    LiveMessages live,
    IMessageEncryptor encryptor,
    IFollowUpJobs followUps,
    IOptions<DeliveryOptions> options,
    TimeProvider time) : IJobHandler<SendMessageJob>
{
    private const int Steps = 4;

    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<SendMessageJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);

        var data = job.Data;
        if (WhatCannotBeStored(data) is { } refusal)
        {
            return new JobOutcome.Fail(refusal);
        }

        await ReportAsync(job, 1, RequiresEncryption(data) ? "encrypt and store" : "store");
        var (message, problem) = await SaveAsync(job, cancellationToken);
        if (message is null)
        {
            return new JobOutcome.Fail(problem!);
        }

        var copies = await store.CopiesAsync(message.Id, cancellationToken);
        message = message.With(copies);
        if (message.Status == MessageStatus.Failed)
        {
            return new JobOutcome.Completed(new SendMessageResult(message.Id, message.Status, message.Encrypted, 0));
        }

        // What the step found holds for later attempts: who was connected when it was announced is not taken for absent by the second one.
        await ReportAsync(job, 2, "push");
        var announced = await job.StepAsync("announce", token => AnnounceAsync(message, copies, token), cancellationToken);

        await ReportAsync(job, 3, "index");
        await job.StepAsync("index", token => followUps.IndexAsync(message, [.. copies.Select(copy => copy.UserId)], token), cancellationToken);

        await ReportAsync(job, 4, "notify");
        if (announced.Absent.Count > 0)
        {
            await job.StepAsync("notify", token => NotifyAsync(message, announced.Absent, data, token), cancellationToken);
        }

        await job.ReportProgressAsync(100, "done", Steps, Steps);
        return new JobOutcome.Completed(new SendMessageResult(message.Id, announced.Status, message.Encrypted, announced.Connections)) { ForgetsData = message.Encrypted };
    }

    private static ValueTask ReportAsync(Job<SendMessageJob> job, int step, string name) =>
        job.ReportProgressAsync((step - 1) * 100.0 / Steps, name, step, Steps);

    private static bool RequiresEncryption(SendMessageJob data) => data.RequiresEncryption ?? false;

    private static string MessageTypeOf(SendMessageJob data) => data.MessageType ?? "text";

    // The conversation's own id in the recipient's place names nobody: the message is for all of its members.
    private static Guid? RecipientOf(SendMessageJob data) => data.RecipientId == data.ConversationId ? null : data.RecipientId;

    // The publisher knows the recipient, this service does not: metadata.recipientEmail.
    private static string? RecipientEmailOf(SendMessageJob data) =>
        data.Metadata?.GetValueOrDefault("recipientEmail") is { ValueKind: JsonValueKind.String } email && email.GetString() is { Length: <= 320 } text
            && !text.Contains('\0')
            ? text
            : null;

    // PostgreSQL has no way to store this character; no attempt would get past it.
    private static string? WhatCannotBeStored(SendMessageJob data) =>
        data.Content.Contains('\0') ? "content: must not contain the character U+0000."
        : MessageTypeOf(data) is var type && (type.Contains('\0') || type.Length > 100) ? "messageType: must be at most 100 characters, without the character U+0000."
        : null;

    /// <summary>Stores the message, or finds it; or says why it cannot be stored.</summary>
    private async Task<(Message? Message, string? Problem)> SaveAsync(Job<SendMessageJob> job, CancellationToken cancellationToken)
    {
        var data = job.Data;
        var existing = await store.FindAsync(data.MessageId, cancellationToken);
        if (existing is null)
        {
            // A client's clock may say anything. What it says is shown, unless it is ahead; what counts is when the message came here.
            var now = time.GetUtcNow().ToStored();
            var message = new Message
            {
                Id = data.MessageId,
                SenderId = data.SenderId,
                RecipientId = RecipientOf(data),
                ConversationId = data.ConversationId,
                Content = RequiresEncryption(data) ? await encryptor.EncryptAsync(data.MessageId, data.Content, cancellationToken) : data.Content,
                Encrypted = RequiresEncryption(data),
                MessageType = MessageTypeOf(data),
                Attachments = [.. data.Attachments ?? []],
                CreatedAt = Timestamps.Earlier(data.CreatedAt ?? job.Info.CreatedAt, now).ToStored(),
                ReceivedAt = now,

                // It is in its recipients' inboxes with the commit: from then on their devices get it, whatever becomes of this process.
                Status = MessageStatus.Sent,
                SentAt = now,
            };
            var planned = new PlannedNotification(now + options.Value.NotifyAfter, RecipientEmailOf(data));
            var saved = await store.SaveOnceAsync(message, planned, cancellationToken);
            if (saved.Refusal is { } refusal)
            {
                return (null, refusal);
            }

            if (saved.Existing is null)
            {
                await mover.TellSentAsync(message, cancellationToken);
                return (message, null);
            }

            existing = saved.Existing;
        }

        return await IsSameAsync(existing, data, cancellationToken)
            ? (existing, null)
            : (null, "messageId: another message has this id already; a message never changes, so send this one with an id of its own.");
    }

    private async Task<bool> IsSameAsync(Message message, SendMessageJob data, CancellationToken cancellationToken)
    {
        if (message.SenderId != data.SenderId || message.RecipientId != RecipientOf(data) || message.ConversationId != data.ConversationId
            || message.Encrypted != RequiresEncryption(data) || message.MessageType != MessageTypeOf(data)
            || !message.Attachments.SequenceEqual(data.Attachments ?? []))
        {
            return false;
        }

        // No digest of the content is kept to compare with: it would let short contents be guessed.
        var content = message.Encrypted ? await encryptor.DecryptAsync(message.Id, message.Content, cancellationToken) : message.Content;
        return string.Equals(content, data.Content, StringComparison.Ordinal);
    }

    private async Task<Announced> AnnounceAsync(Message message, IReadOnlyList<MessageCopy> copies, CancellationToken cancellationToken)
    {
        var (connections, absent, statuses) = (0, new List<Guid>(), new List<MessageStatus>());
        foreach (var copy in copies.Where(copy => !copy.IsOwn))
        {
            var status = copy.Status;
            if (status is MessageStatus.Pending)
            {
                status = (await mover.MoveAsync(message.Id, copy.UserId, MessageStatus.Sent, time.GetUtcNow(), cancellationToken: cancellationToken)).Status;
            }

            if (status == MessageStatus.Sent)
            {
                var devices = await live.AnnounceAsync(copy.UserId, cancellationToken);
                connections += devices;
                if (devices == 0)
                {
                    absent.Add(copy.UserId);
                }
                else if (options.Value.DeliveredOn == DeliveredOn.Push)
                {
                    status = (await mover.MoveAsync(message.Id, copy.UserId, MessageStatus.Delivered, time.GetUtcNow(), cancellationToken: cancellationToken)).Status;
                }
            }

            statuses.Add(status);
        }

        return new Announced(connections, statuses.DefaultIfEmpty(message.Status).Min(), absent);
    }

    private async Task NotifyAsync(Message message, IReadOnlyList<Guid> absent, SendMessageJob data, CancellationToken cancellationToken)
    {
        foreach (var user in absent)
        {
            await followUps.NotifyAsync(message, user, user == message.RecipientId ? RecipientEmailOf(data) : null, cancellationToken);
        }

        await store.SettleNotificationsAsync(message.Id, [.. absent], cancellationToken);
    }
}

/// <summary>What came of announcing a message to its recipients' devices: kept with the job.</summary>
/// <param name="Connections">To how many connections of all recipients.</param>
/// <param name="Status">How far the message came with the last of them.</param>
/// <param name="Absent">Those who had no connection.</param>
internal sealed record Announced(int Connections, MessageStatus Status, IReadOnlyList<Guid> Absent);

/// <summary>What is kept of a sent message in its job's record.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Status">How far it came within the job, with the last of its recipients.</param>
/// <param name="Encrypted">Whether it is stored encrypted.</param>
/// <param name="Connections">To how many connections of its recipients it was pushed.</param>
internal sealed record SendMessageResult(Guid MessageId, MessageStatus Status, bool Encrypted, int Connections) : IJobResult<SendMessageJob>;
