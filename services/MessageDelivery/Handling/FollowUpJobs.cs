using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageDelivery;

/// <summary>Adds the follow-up jobs under the trace of the message's own job.</summary>
internal sealed class FollowUpJobs(
    IJobPublisher publisher, IMessageEncryptor encryptor, IOptionsMonitor<QueueOptions> queues, IOptions<DeliveryOptions> options) : IFollowUpJobs
{
    private const int AtOnce = 1000;

    public async Task IndexAsync(Message message, IReadOnlyList<Guid> members, CancellationToken cancellationToken)
    {
        if (message.Encrypted && !options.Value.IndexEncrypted)
        {
            return;
        }

        var job = new IndexMessageJob
        {
            MessageId = message.Id,
            Operation = IndexOperation.Index,
            Content = message.Encrypted ? await encryptor.DecryptAsync(message.Id, message.Content, cancellationToken) : message.Content,
            SenderId = message.SenderId,
            RecipientId = message.RecipientId,
            MemberIds = members.All(user => user == message.SenderId || user == message.RecipientId) ? null : members,
            ConversationId = message.ConversationId,

            // The server's time: what a client's clock says must not decide which of two events is the newer one.
            MessageTimestamp = message.ReceivedAt,
        };
        await AddAsync(JobQueues.MessageIndexing, $"index:{message.Id}", job, JobsJsonContext.Default.IndexMessageJob, cancellationToken);
    }

    public async Task ForgetAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        foreach (var some in messageIds.Chunk(AtOnce))
        {
            await publisher.AddBulkAsync(
                JobQueues.MessageIndexing,
                [.. some.Select(id => NewJobFactory.Create(
                    $"index:{id}:delete",
                    new IndexMessageJob { MessageId = id, Operation = IndexOperation.Delete },
                    JobsJsonContext.Default.IndexMessageJob,
                    queues.Get(JobQueues.MessageIndexing),
                    null))],
                cancellationToken);
        }
    }

    // What was said stays out of it: a notification goes through other hands.
    public async Task NotifyAsync(Message message, Guid recipientId, string? email, CancellationToken cancellationToken)
    {
        var job = new SendNotificationJob
        {
            RecipientId = recipientId,
            Type = NotificationType.InApp,
            MessageId = message.Id,
            Title = options.Value.NotificationTitle,
            Message = options.Value.NotificationText,
        };

        // The recipient that a message names needs no mention in the id.
        var name = recipientId == message.RecipientId ? $"notify:{message.Id}" : $"notify:{message.Id}:{recipientId}";
        await AddAsync(JobQueues.MessageNotification, $"{name}:in-app", job, JobsJsonContext.Default.SendNotificationJob, cancellationToken);
        if (email is not null)
        {
            await AddAsync(
                JobQueues.MessageNotification,
                $"{name}:email",
                job with { Type = NotificationType.Email, RecipientEmail = email },
                JobsJsonContext.Default.SendNotificationJob,
                cancellationToken);
        }
    }

    private async Task AddAsync<TData>(string queue, string jobId, TData data, JsonTypeInfo<TData> json, CancellationToken cancellationToken)
        where TData : class, IJobData
    {
        using var span = JobTelemetry.StartAdd(queue, TData.JobType);
        await publisher.AddAsync(queue, NewJobFactory.Create(jobId, data, json, queues.Get(queue), JobTelemetry.TraceParent(span)), cancellationToken);
    }
}
