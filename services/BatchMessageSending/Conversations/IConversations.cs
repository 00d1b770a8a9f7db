namespace WhiteCross.BatchMessageSending;

/// <summary>A conversation and who must be in it.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Participants">Those who must be in it.</param>
internal sealed record ConversationOf(Guid ConversationId, IReadOnlyList<Guid> Participants);

/// <summary>What came of asking for conversations.</summary>
/// <param name="Missing">Those that there are not.</param>
/// <param name="Mismatched">Those that others are in.</param>
internal sealed record ConversationsFound(IReadOnlyCollection<Guid> Missing, IReadOnlyCollection<Guid> Mismatched);

/// <summary>The conversations, which another service has.</summary>
internal interface IConversations
{
    /// <summary>Checks conversations, and makes those that there are not when asked to. It can be repeated.</summary>
    /// <param name="conversations">The conversations; at most 1,000.</param>
    /// <param name="create">Whether missing ones are made.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ConversationsFound> EnsureAsync(IReadOnlyList<ConversationOf> conversations, bool create, CancellationToken cancellationToken);
}
