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
    public async Task IndexAsync(Message message, CancellationToken cancellationToken)
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
            ConversationId = message.ConversationId,
            MessageTimestamp = message.CreatedAt,
        };
        await AddAsync(JobQueues.MessageIndexing, $"index:{message.Id}", job, JobsJsonContext.Default.IndexMessageJob, cancellationToken);
    }

    // What was said stays out of it: a notification goes through other hands.
    public async Task NotifyRecipientAsync(Message message, string? recipientEmail, CancellationToken cancellationToken)
    {
        var job = new SendNotificationJob
        {
            RecipientId = message.RecipientId,
            Type = NotificationType.InApp,
            MessageId = message.Id,
            Title = options.Value.NotificationTitle,
            Message = options.Value.NotificationText,
        };
        await AddAsync(JobQueues.MessageNotification, $"notify:{message.Id}:in-app", job, JobsJsonContext.Default.SendNotificationJob, cancellationToken);
        if (recipientEmail is not null)
        {
            await AddAsync(
                JobQueues.MessageNotification,
                $"notify:{message.Id}:email",
                job with { Type = NotificationType.Email, RecipientEmail = recipientEmail },
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
