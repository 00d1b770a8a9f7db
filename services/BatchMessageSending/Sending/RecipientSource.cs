using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>Where a batch's recipients come from, block by block and in any order.</summary>
/// <param name="BlockCount">How many blocks there are.</param>
/// <param name="GetAsync">Gives a block by its number, from 0; empty when it is not there any more.</param>
internal sealed record RecipientSource(int BlockCount, Func<int, CancellationToken, Task<IReadOnlyList<BatchRecipient>>> GetAsync)
{
    /// <summary>The recipients that a job names itself.</summary>
    /// <param name="data">The job's data.</param>
    public static RecipientSource Of(BatchSendJob data)
    {
        // The last one counts where a recipient has several.
        var customized = new Dictionary<Guid, CustomizedMessage>();
        foreach (var message in data.CustomizedMessages ?? [])
        {
            customized[message.RecipientId] = message;
        }

        var count = data.RecipientIds.Count;
        return new RecipientSource((count + BatchStore.BlockSize - 1) / BatchStore.BlockSize, (block, _) =>
        {
            var from = block * BatchStore.BlockSize;
            return Task.FromResult<IReadOnlyList<BatchRecipient>>(
                [.. Enumerable.Range(from, Math.Min(BatchStore.BlockSize, count - from)).Select(RecipientAt)]);
        });

        BatchRecipient RecipientAt(int i)
        {
            var message = customized.GetValueOrDefault(data.RecipientIds[i]);
            return new BatchRecipient
            {
                RecipientId = data.RecipientIds[i],
                ConversationId = data.ConversationIds?[i],
                Content = message?.Content,
                Variables = message?.Variables,
            };
        }
    }
}
