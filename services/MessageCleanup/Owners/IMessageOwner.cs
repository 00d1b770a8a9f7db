using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageCleanup;

/// <summary>The service that owns messages, conversations and attachments.</summary>
internal interface IMessageOwner
{
    /// <summary>Counts a part of what a clean-up would remove.</summary>
    /// <param name="type">The clean-up.</param>
    /// <param name="request">What it may remove, and where the part begins.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">The service is away.</exception>
    /// <exception cref="PermanentJobException">The service refuses, and another attempt will not help.</exception>
    Task<CleanupCount> CountAsync(CleanupType type, CleanupRequest request, CancellationToken cancellationToken);

    /// <summary>Removes a batch, or in a dry run only says which messages would go.</summary>
    /// <param name="type">The clean-up.</param>
    /// <param name="request">What it may remove, and where the batch begins.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">The service is away.</exception>
    /// <exception cref="PermanentJobException">The service refuses, and another attempt will not help.</exception>
    Task<CleanupBatch> RunAsync(CleanupType type, CleanupRequest request, CancellationToken cancellationToken);
}

/// <summary>The search index, which forgets what is removed; and with it the notifications of messages.</summary>
internal interface ISearchIndex
{
    /// <summary>Takes messages out of the index; fine when they are not in it.</summary>
    /// <param name="messageIds">The messages; with none, nothing is asked.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">The service is away.</exception>
    Task ForgetAsync(IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken);
}

/// <summary>Asks for a batch of a clean-up, or for its count.</summary>
/// <param name="OlderThan">Only what is older.</param>
/// <param name="ConversationIds">Only of these conversations; null for all.</param>
/// <param name="UserIds">Only of these users; null for all.</param>
/// <param name="BatchSize">How many to remove at most.</param>
/// <param name="DryRun">Removes nothing.</param>
/// <param name="Cursor">Where to go on; null for the beginning.</param>
internal sealed record CleanupRequest(
    DateTimeOffset OlderThan, IReadOnlyList<Guid>? ConversationIds, IReadOnlyList<Guid>? UserIds, int BatchSize, bool DryRun, string? Cursor);

/// <summary>What a batch removed.</summary>
/// <param name="Deleted">How many; none in a dry run.</param>
/// <param name="MessageIds">The messages that went, or would go, with it.</param>
/// <param name="NextCursor">Where to go on; null at the end.</param>
internal sealed record CleanupBatch(int Deleted, IReadOnlyList<Guid> MessageIds, string? NextCursor);

/// <summary>What there is to remove.</summary>
/// <param name="Count">How many from the cursor on.</param>
/// <param name="NextCursor">Where to go on counting; null at the end.</param>
internal sealed record CleanupCount(long Count, string? NextCursor);
