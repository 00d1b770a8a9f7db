namespace WhiteCross.MessageIndexing;

/// <summary>The full-text index of messages, on one database or another.</summary>
internal interface IMessageIndex
{
    /// <summary>Brings the database up to this version's shape; several instances may do so at once.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task UpgradeAsync(CancellationToken cancellationToken);

    /// <summary>Fails when the database cannot be reached.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Takes events in, all or none of them, in one transaction. In whatever order events come, and however often, the newest decides.</summary>
    /// <param name="events">The events.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What each did, in their order.</returns>
    Task<IReadOnlyList<IndexEffect>> ApplyAsync(IReadOnlyList<IndexEvent> events, CancellationToken cancellationToken);

    /// <summary>Searches.</summary>
    /// <param name="request">What, for whom and where.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken);

    /// <summary>Finds messages that are indexed.</summary>
    /// <param name="ids">Which ones.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<IndexedMessage>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Lists the messages that are indexed, in the order of their ids.</summary>
    /// <param name="after">Those behind this one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<Guid>> ListAsync(Guid after, int limit, CancellationToken cancellationToken);

    /// <summary>Whether an error of <see cref="ApplyAsync"/> may lie in one event only, so that the others are worth trying without it.</summary>
    /// <param name="exception">The error.</param>
    bool MayBeOneEvents(Exception exception);
}
