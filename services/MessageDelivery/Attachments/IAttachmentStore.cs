namespace WhiteCross.MessageDelivery;

/// <summary>Keeps the bytes of attachments, by their ids. Who may see them is not its business.</summary>
public interface IAttachmentStore
{
    /// <summary>Stores an attachment; it is there as a whole or not at all.</summary>
    /// <param name="id">The attachment.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Ends the storing.</param>
    /// <returns>How many bytes there were.</returns>
    Task<long> SaveAsync(Guid id, Stream content, CancellationToken cancellationToken);

    /// <summary>Opens an attachment to read; null when there is none. The stream can seek.</summary>
    /// <param name="id">The attachment.</param>
    Stream? OpenRead(Guid id);

    /// <summary>Removes an attachment, and what an upload that broke off has left of it. Fine when there is none.</summary>
    /// <param name="id">The attachment.</param>
    void Delete(Guid id);
}
