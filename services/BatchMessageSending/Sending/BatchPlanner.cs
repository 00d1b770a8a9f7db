using System.Text.Json;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Makes a batch of its job's data: checks everything that can be wrong with it before anything is sent, and puts its recipients into the state store.
/// </summary>
public sealed class BatchPlanner(IJobReader jobs, BatchStore store, TemplateFiles templates, IOptions<BatchOptions> options, TimeProvider time)
{
    private const int DefaultChunkSize = 10;
    private const int DefaultChunkDelay = 100;
    private const int UnpausedChunks = 2;

    /// <summary>Plans a batch. One that has been planned before keeps its plan.</summary>
    /// <param name="run">The batch and its job.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The plan, with an error if the batch can never be sent.</returns>
    public async Task<BatchPlan> PlanAsync(BatchRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (await store.FindAsync(run.BatchId, cancellationToken) is { } known)
        {
            return await TakeUpAsync(known, run.JobId, cancellationToken);
        }

        if (await jobs.GetAsync(JobQueues.BatchMessageSending, run.JobId, cancellationToken) is not { } record)
        {
            return Refused("The batch's job is not on record any more.");
        }

        var data = record.Data.Deserialize(JobsJsonContext.Reading.BatchSendJob)!;
        var (text, error) = await FindTextAsync(data, cancellationToken);
        if (error is not null)
        {
            return Refused(error);
        }

        var variables = new Dictionary<string, JsonElement>(data.TemplateVariables ?? [], StringComparer.Ordinal);
        if (data.TemplateId is not null && templates.IsConfigured)
        {
            variables["content"] = JsonSerializer.SerializeToElement(data.Content, JobsJsonContext.Default.String);
        }

        var batch = new Batch
        {
            BatchId = run.BatchId,
            JobId = run.JobId,
            SenderId = data.SenderId,
            Template = text!,
            Variables = variables,
            CreateConversations = data.CreateConversations ?? false,
            ChunkSize = data.ChunkSize ?? DefaultChunkSize,
            ChunkDelay = data.ChunkDelay ?? DefaultChunkDelay,
            Priority = record.Priority,
            InitiatedBy = data.InitiatedBy,
            StartedAt = time.GetUtcNow(),
            Blocks = [],
        };
        return CheckCustomized(data) is { } wrong ? Refused(wrong) : await KeepAsync(batch, data, cancellationToken);
    }

    private static BatchPlan Refused(string error) => new(0, 1, 0, 1, error);

    private BatchPlan PlanOf(Batch batch) => new(
        batch.RecipientCount, batch.ChunkSize, batch.ChunkDelay, options.Value.ParallelChunks ?? (batch.ChunkDelay > 0 ? 1 : UnpausedChunks));

    private async Task<BatchPlan> TakeUpAsync(Batch known, string jobId, CancellationToken cancellationToken)
    {
        if (known.JobId != jobId)
        {
            return Refused(BatchTexts.TakenByAnotherJob(known));
        }

        if (known.Status != BatchStatus.Sending)
        {
            await store.SaveAsync(known with { Status = BatchStatus.Sending, EndedAt = null, Reason = null }, cancellationToken);
        }

        return PlanOf(known);
    }

    private async Task<(string? Text, string? Error)> FindTextAsync(BatchSendJob data, CancellationToken cancellationToken) =>
        data.TemplateId is not { } id || !templates.IsConfigured ? (data.Content, null)
        : await templates.FindAsync(id, cancellationToken) is { } text ? (text, null)
        : (null, $"templateId: there is no template '{id}' in Templates:Directory.");

    private static string? CheckCustomized(BatchSendJob data)
    {
        if (data.CustomizedMessages is { } customized)
        {
            var recipients = data.RecipientIds.ToHashSet();
            for (var i = 0; i < customized.Count; i++)
            {
                if (!recipients.Contains(customized[i].RecipientId))
                {
                    return $"customizedMessages[{i}].recipientId: is not one of recipientIds.";
                }
            }
        }

        return null;
    }

    // In one pass, several blocks at once: a batch of 100,000 is read once and written once. What was kept of one that is refused goes again.
    private async Task<BatchPlan> KeepAsync(Batch batch, BatchSendJob data, CancellationToken cancellationToken)
    {
        var source = await SourceAsync(data, cancellationToken);
        var (counts, missing) = (new int[source.BlockCount], new string?[source.BlockCount]);
        var renderer = new MessageRenderer(batch);
        await Parallel.ForAsync(0, source.BlockCount, BatchStore.Concurrently(cancellationToken), async (i, cancellation) =>
        {
            var block = await source.GetAsync(i, cancellation);
            counts[i] = block.Count;
            missing[i] = block.Select(recipient => FindMissing(renderer, recipient)).FirstOrDefault(text => text is not null);
            if (missing[i] is null && block.Count > 0)
            {
                await store.SaveBlockAsync(batch.BatchId, i, block, BatchStatus.Sending, cancellation);
            }
        });

        var error = missing.FirstOrDefault(text => text is not null) ?? CountError(data, counts.Sum());
        if (error is not null)
        {
            // The upload may be gone because an earlier run of this activity, taken for dead, has planned the batch meanwhile.
            if (await store.FindAsync(batch.BatchId, cancellationToken) is { } planned)
            {
                return await TakeUpAsync(planned, batch.JobId, cancellationToken);
            }

            await store.RemoveBlocksAsync(batch.BatchId, source.BlockCount, cancellationToken);
            return Refused(error);
        }

        batch = batch with { Blocks = counts };
        await store.SaveAsync(batch, cancellationToken);
        if (data.RecipientsRef is { } upload)
        {
            await store.RemoveUploadAsync(upload, source.BlockCount, cancellationToken);
        }

        return PlanOf(batch);
    }

    private static string? FindMissing(MessageRenderer renderer, BatchRecipient recipient) => renderer.FirstMissing(recipient) is { } name
        ? $"The variable '{name}' has no value for recipient {recipient.RecipientId}: give it in templateVariables or with the recipient, as text, number, true or false."
        : null;

    private string? CountError(BatchSendJob data, int count) => data.RecipientsRef is { } upload && count != data.RecipientCount
        ? $"recipientsRef: the upload {upload} has {count} recipients, and recipientCount says {data.RecipientCount}. An upload is there for {options.Value.KeepUploads:g}; send it again with its batch."
        : null;

    private async Task<RecipientSource> SourceAsync(BatchSendJob data, CancellationToken cancellationToken) => data.RecipientsRef is { } upload
        ? new RecipientSource(
            (await store.FindUploadAsync(upload, cancellationToken))?.Blocks.Count ?? 0,
            async (i, cancellation) => await store.FindUploadBlockAsync(upload, i, cancellation) ?? [])
        : RecipientSource.Of(data);
}
