namespace WhiteCross.MessageIndexing;

/// <summary>Knows what a user may read now. The index knows who had a message when it was sent; since then a user may have left or deleted its conversation.</summary>
internal interface IReadableMessages
{
    /// <summary>Which of some messages a user may not read now.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="messageIds">The messages.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">It cannot be told now.</exception>
    Task<IReadOnlySet<Guid>> HiddenFromAsync(Guid userId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken);
}
