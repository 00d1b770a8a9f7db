using System.Text.Json;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Sends a chunk: one job per recipient to the delivery queue, in bulk. A recipient that cannot be sent to gets a job that has failed, with the reason, so
/// that the jobs' records tell all there is to know of a batch. A chunk that is sent again finds its jobs there and sends nothing twice.
/// </summary>
internal sealed class ChunkSender(
    IJobPublisher publisher, BatchStore store, BatchJobs batchJobs, IConversations conversations, IOptionsMonitor<QueueOptions> queues)
{
    private const int LongestContent = 10_000;

    /// <summary>Sends a chunk.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ChunkSent> SendAsync(ChunkToSend chunk, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        var batch = await store.FindAsync(chunk.BatchId, cancellationToken)
            ?? throw new InvalidOperationException($"Batch {chunk.BatchId} is not in the state store any more.");
        var isWanted = batchJobs.IsWantedAsync(batch, cancellationToken);
        var reading = store.GetRecipientsAsync(batch, chunk.Chunk * batch.ChunkSize, batch.ChunkSize, cancellationToken);
        await Task.WhenAll(isWanted, reading);
        if (!await isWanted)
        {
            return new ChunkSent(0, 0, IsCancelled: true);
        }

        var recipients = await reading;
        var problems = await CheckConversationsAsync(batch, recipients, cancellationToken);
        using var span = JobTelemetry.StartAdd(JobQueues.MessageDelivery, JobTypes.SendMessage);
        var (renderer, settings, traceParent) = (new MessageRenderer(batch), SettingsOf(batch), JobTelemetry.TraceParent(span));
        var messages = recipients.Select(recipient => Message(batch, recipient, renderer.Render(recipient), problems, settings, traceParent)).ToList();
        await publisher.AddBulkAsync(JobQueues.MessageDelivery, messages, cancellationToken);
        return new ChunkSent(messages.Count, messages.Count(message => message.Error is not null));
    }

    private static Guid ConversationOf(Batch batch, BatchRecipient recipient) =>
        recipient.ConversationId ?? BatchIds.Conversation(batch.SenderId, recipient.RecipientId);

    private static NewJob Message(
        Batch batch, BatchRecipient recipient, string content, Dictionary<Guid, string> problems, JobSettings settings, string? traceParent)
    {
        var problem = content.Length switch
        {
            0 => "content: is empty once rendered.",
            > LongestContent => $"content: is {content.Length} characters long once rendered; a message has at most {LongestContent}.",
            _ => problems.GetValueOrDefault(ConversationOf(batch, recipient)),
        };
        var data = new SendMessageJob
        {
            MessageId = BatchIds.Message(batch.BatchId, recipient.RecipientId),
            SenderId = batch.SenderId,
            RecipientId = recipient.RecipientId,
            ConversationId = ConversationOf(batch, recipient),
            Content = content.Length <= LongestContent ? content : string.Empty,
            RequiresEncryption = batch.RequiresEncryption ? true : null,
            CreatedAt = batch.StartedAt,
            InitiatedBy = batch.InitiatedBy,
            Metadata = MetadataOf(batch, recipient),
        };
        var (jobId, bytes) = (BatchIds.MessageJob(batch.BatchId, recipient.RecipientId), JsonSerializer.SerializeToUtf8Bytes(data, JobsJsonContext.Default.SendMessageJob));
        return new NewJob
        {
            JobId = jobId,
            Type = SendMessageJob.JobType,
            Data = bytes,
            Terms = JobTerms.Of(jobId, SendMessageJob.JobType, bytes, null),
            Priority = settings.Priority,
            MaxAttempts = settings.MaxAttempts,
            Backoff = settings.Backoff,
            Timeout = settings.Timeout,
            TraceParent = traceParent,
            Error = problem is null ? null : new JobError(problem, Code: JobErrorCodes.Invalid),
        };
    }

    private static Dictionary<string, JsonElement> MetadataOf(Batch batch, BatchRecipient recipient)
    {
        var metadata = new Dictionary<string, JsonElement> { ["batchId"] = JsonSerializer.SerializeToElement(batch.BatchId, JobsJsonContext.Default.Guid) };
        if (recipient.RecipientEmail is { } email)
        {
            metadata["recipientEmail"] = JsonSerializer.SerializeToElement(email, JobsJsonContext.Default.String);
        }

        return metadata;
    }

    private JobSettings SettingsOf(Batch batch) => JobSettings.Resolve(new JobOptions { Priority = batch.Priority }, queues.Get(JobQueues.MessageDelivery));

    // A conversation that nobody named and nobody wants made is only a name for what two users say to each other: there is nothing to check.
    private async Task<Dictionary<Guid, string>> CheckConversationsAsync(Batch batch, IReadOnlyList<BatchRecipient> recipients, CancellationToken cancellationToken)
    {
        ConversationOf[] asked = [.. recipients
            .Where(recipient => batch.CreateConversations || recipient.ConversationId is not null)
            .Select(recipient => new ConversationOf(ConversationOf(batch, recipient), [batch.SenderId, recipient.RecipientId]))];
        var problems = new Dictionary<Guid, string>();
        if (asked.Length > 0)
        {
            var found = await conversations.EnsureAsync(asked, batch.CreateConversations, cancellationToken);
            foreach (var id in found.Missing)
            {
                problems[id] = $"conversationId: there is no conversation {id}; name another one, or ask for it with createConversations.";
            }

            foreach (var id in found.Mismatched)
            {
                problems[id] = $"conversationId: conversation {id} is not one of the sender and this recipient.";
            }
        }

        return problems;
    }
}
