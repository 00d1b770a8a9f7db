using System.Text.Json;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Templates;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Makes a batch of its job's data: checks everything that can be wrong with it before anything is sent, and puts its recipients into the state store.
/// </summary>
internal sealed class BatchPlanner(IJobReader jobs, BatchStore store, TemplateFiles templates, IOptions<BatchOptions> options, TimeProvider time)
{
    private const int DefaultChunkSize = 10;
    private const int DefaultChunkDelay = 100;
    private const int UnpausedChunks = 2;
    private const int MostProblems = 100;

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
        var (batch, error) = await BatchOfAsync(data, run, record.Priority, cancellationToken);
        return batch is null ? Refused(error!) : await KeepAsync(batch, data, cancellationToken);
    }

    /// <summary>Renders a batch without sending it.</summary>
    /// <param name="data">The batch's data, as its job would have it.</param>
    /// <param name="limit">How many messages to show.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What it would send; or why it can never be sent.</returns>
    public async Task<(BatchPreview? Preview, string? Error)> PreviewAsync(BatchSendJob data, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        var (batch, error) = await BatchOfAsync(data, new BatchRun(Guid.Empty, string.Empty), JobPriority.Normal, cancellationToken);
        if (batch is null)
        {
            return (null, error);
        }

        var source = await SourceAsync(data, cancellationToken);
        var renderer = new MessageRenderer(batch);
        var (recipients, problemCount, problems, messages) = (0, 0, new List<PreviewProblem>(), new List<PreviewMessage>());
        for (var i = 0; i < source.BlockCount; i++)
        {
            foreach (var recipient in await source.GetAsync(i, cancellationToken))
            {
                recipients++;
                if (FindProblem(renderer, recipient) is not { } problem)
                {
                    if (messages.Count < limit)
                    {
                        messages.Add(new PreviewMessage(recipient.RecipientId, renderer.Render(recipient)));
                    }
                }
                else if (++problemCount <= MostProblems)
                {
                    problems.Add(new PreviewProblem(recipient.RecipientId, problem));
                }
            }
        }

        return CountError(data, recipients) is { } wrong ? (null, wrong) : (new BatchPreview(recipients, problemCount, problems, messages), null);
    }

    private async Task<(Batch? Batch, string? Error)> BatchOfAsync(BatchSendJob data, BatchRun run, JobPriority priority, CancellationToken cancellationToken)
    {
        var (text, localized) = (data.Content, new Dictionary<string, string>());
        var variables = new Dictionary<string, JsonElement>(data.TemplateVariables ?? [], StringComparer.Ordinal);
        if (data.TemplateId is { } id && templates.IsConfigured)
        {
            if (await templates.FindAsync(id, cancellationToken) is not { } template)
            {
                return (null, $"templateId: there is no template '{id}' in Templates:Directory.");
            }

            (text, localized) = template;
            variables["content"] = JsonSerializer.SerializeToElement(data.Content, JobsJsonContext.Default.String);
        }

        var batch = new Batch
        {
            BatchId = run.BatchId,
            JobId = run.JobId,
            SenderId = data.SenderId,
            Template = text,
            Localized = localized,
            Variables = variables,
            RequiresEncryption = data.RequiresEncryption ?? false,
            CreateConversations = data.CreateConversations ?? false,
            ChunkSize = data.ChunkSize ?? DefaultChunkSize,
            ChunkDelay = data.ChunkDelay ?? DefaultChunkDelay,
            Priority = priority,
            InitiatedBy = data.InitiatedBy,
            StartedAt = time.GetUtcNow(),
            Blocks = [],
        };
        try
        {
            _ = new MessageRenderer(batch);
        }
        catch (TemplateException exception)
        {
            return (null, $"{(localized.Count > 0 || text != data.Content ? "templateId" : "content")}: {exception.Message}");
        }

        return CheckCustomized(data) is { } wrong ? (null, wrong) : (batch, null);
    }

    private static BatchPlan Refused(string error) => new(0, 1, 0, 1, error);

    private BatchPlan PlanOf(Batch batch) => new(
        batch.RecipientCount, batch.ChunkSize, batch.ChunkDelay, options.Value.ParallelChunks ?? (batch.ChunkDelay > 0 ? 1 : UnpausedChunks),
        FirstChunk: batch.NextChunk);

    private async Task<BatchPlan> TakeUpAsync(Batch known, string jobId, CancellationToken cancellationToken)
    {
        if (known.JobId != jobId)
        {
            return Refused(BatchTexts.TakenByAnotherJob(known));
        }

        if (known.Status != BatchStatus.Sending)
        {
            await store.SaveAsync(known with { Status = BatchStatus.Sending, EndedAt = null, Reason = null, SentBeforeRecall = null, RecalledCount = 0 }, cancellationToken);
        }

        return PlanOf(known);
    }

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
            missing[i] = block.Select(recipient => FindProblem(renderer, recipient)).FirstOrDefault(text => text is not null);
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

    // Before anything is sent: too long once rendered is the recipient's own trouble and fails alone.
    private static string? FindProblem(MessageRenderer renderer, BatchRecipient recipient) => renderer.FindProblem(recipient);

    private string? CountError(BatchSendJob data, int count) => data.RecipientsRef is { } upload && count != data.RecipientCount
        ? $"recipientsRef: the upload {upload} has {count} recipients, and recipientCount says {data.RecipientCount}. An upload is there for {options.Value.KeepUploads:g}; send it again with its batch."
        : null;

    private async Task<RecipientSource> SourceAsync(BatchSendJob data, CancellationToken cancellationToken) => data.RecipientsRef is { } upload
        ? new RecipientSource(
            (await store.FindUploadAsync(upload, cancellationToken))?.Blocks.Count ?? 0,
            async (i, cancellation) => await store.FindUploadBlockAsync(upload, i, cancellation) ?? [])
        : RecipientSource.Of(data);
}
