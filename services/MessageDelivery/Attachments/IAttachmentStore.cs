namespace WhiteCross.MessageDelivery;

/// <summary>Keeps the bytes of attachments, by their ids. Who may see them is not its business.</summary>
internal interface IAttachmentStore
{
    /// <summary>Stores an attachment. What breaks off may leave some of it: it is complete when its row says so, and gone when it is deleted.</summary>
    /// <param name="id">The attachment, which has its row.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Ends the storing.</param>
    /// <returns>How many bytes there were.</returns>
    Task<long> SaveAsync(Guid id, Stream content, CancellationToken cancellationToken);

    /// <summary>Replaces an attachment that still has a length, all at once: whatever dies in between, and whoever does the same meanwhile, it is the one or the other.</summary>
    /// <param name="id">The attachment, which has its row.</param>
    /// <param name="length">The length of what is replaced.</param>
    /// <param name="change">Makes the new content of the old one.</param>
    /// <param name="cancellationToken">Ends the storing.</param>
    /// <returns>False when there is none of that length.</returns>
    Task<bool> ReplaceAsync(Guid id, long length, Func<Stream, Stream> change, CancellationToken cancellationToken);

    /// <summary>Opens an attachment to read; null when there is none. The stream can seek.</summary>
    /// <param name="id">The attachment.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    Task<Stream?> OpenReadAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Removes an attachment, and what an upload that broke off has left of it. Fine when there is none.</summary>
    /// <param name="id">The attachment.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task DeleteAsync(Guid id, CancellationToken cancellationToken);
}
