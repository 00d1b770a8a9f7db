using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>Ends batches: what is not needed any more goes, what is kept to follow the batch gets an end.</summary>
internal sealed class BatchEnding(BatchStore store, BatchFollower follower, BatchJobs batchJobs, TimeProvider time)
{
    private const int MostFailedRecipients = 500;

    /// <summary>Ends a batch; ending it again changes nothing.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<BatchResult> EndAsync(BatchEnd end, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(end);
        if (await store.FindAsync(end.BatchId, cancellationToken) is not { } batch || end is { Status: BatchStatus.Failed, Processed: 0, Reason: not null })
        {
            // Refused before there was anything to keep, or because the batch is another job's.
            return new BatchResult(end.BatchId, end.Status, 0, 0, 0, [], null, end.Reason);
        }

        if (batch.Status != BatchStatus.Sending)
        {
            await batchJobs.IsWantedAsync(batch, cancellationToken);
            return await ResultAsync(batch, cancellationToken);
        }

        var ended = end.Status == BatchStatus.Cancelled
            ? await RecallAsync(batch, cancellationToken)
            : batch with { Status = end.Status, EndedAt = time.GetUtcNow(), ProcessedCount = end.Processed, NextChunk = 0, Reason = end.Reason };
        var result = await ResultAsync(
            ended,
            (block, recipients) => store.SaveBlockAsync(ended.BatchId, block, KeptOf(ended, recipients), ended.Status, cancellationToken),
            cancellationToken);
        await store.SaveAsync(ended.Status == BatchStatus.Completed ? ended with { Template = string.Empty, Localized = [], Variables = [] } : ended, cancellationToken);
        await batchJobs.IsWantedAsync(ended, cancellationToken);
        return result;
    }

    /// <summary>The result of a batch that has ended.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<BatchResult> ResultAsync(Batch batch, CancellationToken cancellationToken) =>
        ResultAsync(batch, static (_, _) => Task.CompletedTask, cancellationToken);

    private async Task<BatchResult> ResultAsync(Batch batch, Func<int, IReadOnlyList<BatchRecipient>, Task> forEach, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var (counts, failed) = await follower.LookAsync(batch, state => state == JobState.Failed, 0, MostFailedRecipients, forEach, cancellationToken);
        return new BatchResult(
            batch.BatchId,
            batch.Status,
            batch.RecipientCount,
            batch.ProcessedCount,
            counts.Failed,
            [.. failed.Select(place => place.RecipientId)],
            batch.EndedAt,
            batch.Reason,
            batch.Status == BatchStatus.Completed ? 0 : counts.OnTheWay,
            batch.RecalledCount);
    }

    // What had been sent is kept first: an end that is told again, since the service died over it, tells the same.
    private async Task<Batch> RecallAsync(Batch batch, CancellationToken cancellationToken)
    {
        if (batch.SentBeforeRecall is not { } before)
        {
            before = batch.RecipientCount - (await follower.LookAsync(batch, JobState.Failed, 0, 0, cancellationToken)).Counts.NotSent;
            await store.SaveAsync(batch with { SentBeforeRecall = before }, cancellationToken);
        }

        await Parallel.ForAsync(0, batch.Blocks.Count, BatchStore.Concurrently(cancellationToken), async (block, cancellation) =>
            await batchJobs.RecallAsync(batch, await store.GetBlockAsync(batch.BatchId, block, cancellation), cancellation));
        var (counts, notSent) = await follower.LookAsync(batch, state => state is null, 0, 1, cancellationToken);
        var sent = batch.RecipientCount - counts.NotSent;
        var recalled = Math.Max(before - sent, 0);
        return batch with
        {
            Status = BatchStatus.Cancelled,
            EndedAt = time.GetUtcNow(),
            ProcessedCount = sent,
            NextChunk = (notSent is [var first] ? first.Place : batch.RecipientCount) / batch.ChunkSize,
            SentBeforeRecall = null,
            RecalledCount = recalled,
            Reason = BatchTexts.Cancelled(sent, batch.RecipientCount, recalled),
        };
    }

    // A batch that has been sent is kept only to be followed; another one may be taken up again.
    private static IReadOnlyList<BatchRecipient> KeptOf(Batch batch, IReadOnlyList<BatchRecipient> recipients) =>
        batch.Status == BatchStatus.Completed ? [.. recipients.Select(recipient => new BatchRecipient { RecipientId = recipient.RecipientId })] : recipients;
}
