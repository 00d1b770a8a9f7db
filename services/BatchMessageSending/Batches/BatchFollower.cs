using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.BatchMessageSending;

/// <summary>How many of a batch's messages are where.</summary>
/// <param name="Delivered">Delivered.</param>
/// <param name="Failed">Could not be sent or delivered.</param>
/// <param name="OnTheWay">Sent, not yet delivered.</param>
/// <param name="NotSent">Not sent, not yet or never.</param>
internal sealed record BatchCounts(int Delivered, int Failed, int OnTheWay, int NotSent);

/// <summary>A recipient and what became of its message.</summary>
/// <param name="Place">Its place in the batch, from 0.</param>
/// <param name="RecipientId">The recipient.</param>
/// <param name="State">The state of its message's job; null when there is none.</param>
internal sealed record RecipientState(int Place, Guid RecipientId, JobState? State);

/// <summary>
/// Follows a batch's messages by their jobs' states: a round trip for each 1,000 recipients, whatever the messages hold. What became of a job whose record
/// has been trimmed is told by its tombstone.
/// </summary>
internal sealed class BatchFollower(IJobReader jobs, BatchStore store)
{
    /// <summary>Counts a batch's messages, and finds recipients.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="wanted">Whose messages are in this state.</param>
    /// <param name="from">The place to look from.</param>
    /// <param name="limit">How many to find, at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<(BatchCounts Counts, IReadOnlyList<RecipientState> Found)> LookAsync(
        Batch batch, JobState wanted, int from, int limit, CancellationToken cancellationToken) =>
        LookAsync(batch, state => state == wanted, from, limit, static (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Counts a batch's messages, and finds recipients.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="wanted">Whose messages' states fit.</param>
    /// <param name="from">The place to look from.</param>
    /// <param name="limit">How many to find, at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<(BatchCounts Counts, IReadOnlyList<RecipientState> Found)> LookAsync(
        Batch batch, Func<JobState?, bool> wanted, int from, int limit, CancellationToken cancellationToken) =>
        LookAsync(batch, wanted, from, limit, static (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Counts a batch's messages, and finds recipients.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="wanted">Whose messages' states fit.</param>
    /// <param name="from">The place to look from.</param>
    /// <param name="limit">How many to find, at most.</param>
    /// <param name="forEach">What else to do with each block of recipients, so that they are read only once.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<(BatchCounts Counts, IReadOnlyList<RecipientState> Found)> LookAsync(
        Batch batch, Func<JobState?, bool> wanted, int from, int limit, Func<int, IReadOnlyList<BatchRecipient>, Task> forEach, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(forEach);
        var blocks = new BlockStates[batch.Blocks.Count];
        await Parallel.ForAsync(0, blocks.Length, BatchStore.Concurrently(cancellationToken), async (block, cancellation) =>
            blocks[block] = await LookAsync(batch, block, forEach, cancellation));

        var (counts, found, place) = (new BatchCounts(0, 0, 0, 0), new List<RecipientState>(), 0);
        foreach (var (recipients, states) in blocks)
        {
            for (var i = 0; i < recipients.Count; i++, place++)
            {
                counts = states[i] switch
                {
                    null => counts with { NotSent = counts.NotSent + 1 },
                    JobState.Completed => counts with { Delivered = counts.Delivered + 1 },
                    JobState.Failed => counts with { Failed = counts.Failed + 1 },
                    _ => counts with { OnTheWay = counts.OnTheWay + 1 },
                };
                if (place >= from && found.Count < limit && wanted(states[i]))
                {
                    found.Add(new RecipientState(place, recipients[i], states[i]));
                }
            }
        }

        return (counts, found);
    }

    private async Task<BlockStates> LookAsync(
        Batch batch, int block, Func<int, IReadOnlyList<BatchRecipient>, Task> forEach, CancellationToken cancellationToken)
    {
        var recipients = await store.GetBlockAsync(batch.BatchId, block, cancellationToken);
        Guid[] ids = [.. recipients.Select(recipient => recipient.RecipientId)];
        var states = jobs.GetStatesAsync(JobQueues.MessageDelivery, [.. ids.Select(id => BatchIds.MessageJob(batch.BatchId, id))], cancellationToken);
        await Task.WhenAll(states, forEach(block, recipients));
        return new BlockStates(ids, [.. (await states).Select(known => known?.State)]);
    }

    // Without the recipients' own messages, which may be large.
    private readonly record struct BlockStates(IReadOnlyList<Guid> Recipients, IReadOnlyList<JobState?> States);
}
