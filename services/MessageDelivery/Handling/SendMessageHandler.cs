using System.Text.Json;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Stores a message, pushes it to its recipient, moves its status and brings its follow-up jobs on the way. Every part can be repeated: the message is
/// stored once, pushed once, and its sender is told of each status once, however many attempts it takes and however often the message is sent again.
/// </summary>
public sealed class SendMessageHandler(
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
        var message = await SaveAsync(job, cancellationToken);
        if (message is null)
        {
            return new JobOutcome.Fail("messageId: another message has this id already; a message never changes, so send this one with an id of its own.");
        }

        if (message.Status == MessageStatus.Failed)
        {
            return new JobOutcome.Completed(new SendMessageResult(message.Id, message.Status, message.Encrypted, 0));
        }

        await ReportAsync(job, 2, "push");
        var status = message.Status;
        var connections = 0;
        if (status == MessageStatus.Pending)
        {
            connections = await job.StepAsync("push", token => PushAsync(message, token), cancellationToken);
            status = await MoveAsync(message.Id, connections, cancellationToken);
        }

        await ReportAsync(job, 3, "index");
        await job.StepAsync("index", token => followUps.IndexAsync(message, token), cancellationToken);

        await ReportAsync(job, 4, "notify");
        if (status == MessageStatus.Sent && connections == 0)
        {
            await job.StepAsync("notify", token => followUps.NotifyRecipientAsync(message, RecipientEmailOf(data), token), cancellationToken);
        }

        await job.ReportProgressAsync(100, "done", Steps, Steps);
        return new JobOutcome.Completed(new SendMessageResult(message.Id, status, message.Encrypted, connections));
    }

    private static ValueTask ReportAsync(Job<SendMessageJob> job, int step, string name) =>
        job.ReportProgressAsync((step - 1) * 100.0 / Steps, name, step, Steps);

    private static bool RequiresEncryption(SendMessageJob data) => data.RequiresEncryption ?? false;

    private static string MessageTypeOf(SendMessageJob data) => data.MessageType ?? "text";

    // The publisher knows the recipient, this service does not: metadata.recipientEmail.
    private static string? RecipientEmailOf(SendMessageJob data) =>
        data.Metadata?.GetValueOrDefault("recipientEmail") is { ValueKind: JsonValueKind.String } email ? email.GetString() : null;

    // PostgreSQL has no way to store this character; no attempt would get past it.
    private static string? WhatCannotBeStored(SendMessageJob data) =>
        data.Content.Contains('\0') ? "content: must not contain the character U+0000."
        : MessageTypeOf(data) is var type && (type.Contains('\0') || type.Length > 100) ? "messageType: must be at most 100 characters, without the character U+0000."
        : data.Attachments?.Any(attachment => attachment.Contains('\0')) == true ? "attachments: must not contain the character U+0000."
        : null;

    /// <summary>Stores the message, or finds it; null when its id belongs to another message.</summary>
    private async Task<Message?> SaveAsync(Job<SendMessageJob> job, CancellationToken cancellationToken)
    {
        var data = job.Data;
        var existing = await store.FindAsync(data.MessageId, cancellationToken);
        if (existing is null)
        {
            // A client's clock may be ahead; its message must not sit on top of the conversation until then.
            var createdAt = Timestamps.Earlier(data.CreatedAt ?? job.Info.CreatedAt, time.GetUtcNow()).ToStored();
            var message = new Message
            {
                Id = data.MessageId,
                SenderId = data.SenderId,
                RecipientId = data.RecipientId,
                ConversationId = data.ConversationId,
                Content = RequiresEncryption(data) ? await encryptor.EncryptAsync(data.MessageId, data.Content, cancellationToken) : data.Content,
                Encrypted = RequiresEncryption(data),
                MessageType = MessageTypeOf(data),
                Attachments = [.. data.Attachments ?? []],
                CreatedAt = createdAt,
            };
            existing = await store.SaveOnceAsync(message, cancellationToken);
            if (existing is null)
            {
                return message;
            }
        }

        return await IsSameAsync(existing, data, cancellationToken) ? existing : null;
    }

    private async Task<bool> IsSameAsync(Message message, SendMessageJob data, CancellationToken cancellationToken)
    {
        if (message.SenderId != data.SenderId || message.RecipientId != data.RecipientId || message.ConversationId != data.ConversationId
            || message.Encrypted != RequiresEncryption(data) || message.MessageType != MessageTypeOf(data)
            || !message.Attachments.SequenceEqual(data.Attachments ?? []))
        {
            return false;
        }

        // No digest of the content is kept to compare with: it would let short contents be guessed.
        var content = message.Encrypted ? await encryptor.DecryptAsync(message.Id, message.Content, cancellationToken) : message.Content;
        return string.Equals(content, data.Content, StringComparison.Ordinal);
    }

    private async Task<int> PushAsync(Message message, CancellationToken cancellationToken)
    {
        var sentAt = time.GetUtcNow().ToStored();
        return await live.PushAsync(MessageView.Of(message) with { Status = MessageStatus.Sent, SentAt = sentAt }, cancellationToken);
    }

    private async Task<MessageStatus> MoveAsync(Guid messageId, int connections, CancellationToken cancellationToken)
    {
        var move = await mover.MoveAsync(messageId, MessageStatus.Sent, time.GetUtcNow(), cancellationToken: cancellationToken);
        if (connections > 0 && options.Value.DeliveredOn == DeliveredOn.Push)
        {
            move = await mover.MoveAsync(messageId, MessageStatus.Delivered, time.GetUtcNow(), cancellationToken: cancellationToken);
        }

        return move.Status;
    }
}

/// <summary>What is kept of a sent message in its job's record.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Status">How far it came within the job.</param>
/// <param name="Encrypted">Whether it is stored encrypted.</param>
/// <param name="Connections">To how many connections of the recipient it was pushed.</param>
public sealed record SendMessageResult(Guid MessageId, MessageStatus Status, bool Encrypted, int Connections);
