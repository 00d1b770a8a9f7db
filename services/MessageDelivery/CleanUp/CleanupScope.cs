using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>What a clean-up may remove.</summary>
/// <param name="OlderThan">Only what is older; what is just as old stays.</param>
/// <param name="ConversationIds">Only of these conversations; null for all.</param>
/// <param name="UserIds">Only of these users; null for all.</param>
internal sealed record CleanupScope(DateTimeOffset OlderThan, Guid[]? ConversationIds, Guid[]? UserIds);

/// <summary>A part of what a clean-up would remove, counted.</summary>
/// <param name="Count">How many.</param>
/// <param name="NextCursor">Where the next part begins; null when this was the last one.</param>
internal sealed record CleanupCount(long Count, PageCursor? NextCursor);

/// <summary>What one batch removed, or would remove.</summary>
/// <param name="Deleted">How many: messages, conversations or attachments. None in a dry run.</param>
/// <param name="MessageIds">The messages that went with it, for others to forget them.</param>
/// <param name="NextCursor">Where the next batch begins; null when nothing is left.</param>
internal sealed record CleanupBatch(int Deleted, IReadOnlyList<Guid> MessageIds, PageCursor? NextCursor);

/// <summary>
/// One of the clean-ups. It goes from the oldest to the newest in batches of bounded work, and a batch can be repeated: what is gone is gone. A cursor
/// names the first of a batch, so that none of the dead rows before it is looked at again.
/// </summary>
internal interface ICleanup
{
    /// <summary>Counts what would be removed, a part at a time.</summary>
    /// <param name="scope">What may be removed.</param>
    /// <param name="from">Where the part begins; null for the beginning.</param>
    /// <param name="limit">How many to count at most.</param>
    /// <param name="cancellationToken">Ends the counting.</param>
    Task<CleanupCount> CountAsync(CleanupScope scope, PageCursor? from, int limit, CancellationToken cancellationToken);

    /// <summary>Removes a batch.</summary>
    /// <param name="scope">What may be removed.</param>
    /// <param name="from">Where the batch begins; null for the beginning.</param>
    /// <param name="batchSize">How many to remove at most.</param>
    /// <param name="dryRun">Removes nothing, only says which messages would go.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<CleanupBatch> RunAsync(CleanupScope scope, PageCursor? from, int batchSize, bool dryRun, CancellationToken cancellationToken);
}
