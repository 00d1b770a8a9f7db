using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Takes attachments in. The row comes first and says so when the content is complete: an upload that breaks off leaves a row that nobody is shown, and the
/// clean-up takes both in time.
/// </summary>
internal sealed class AttachmentUploads(MessagesDbContext database, IAttachmentStore store, AttachmentContents contents, AttachmentScanner scanner, TimeProvider time)
{
    /// <summary>How many bytes a user's attachments have. Uploads at the same moment may together go beyond what is allowed, by one attachment each.</summary>
    public async Task<long> BytesOfAsync(Guid uploader, CancellationToken cancellationToken) =>
        await database.Attachments.Where(attachment => attachment.UploaderId == uploader).SumAsync(attachment => attachment.Size ?? 0, cancellationToken);

    public async Task<Attachment> SaveAsync(Guid uploader, string? fileName, string contentType, Stream content, CancellationToken cancellationToken)
    {
        await using var scan = await scanner.BeginAsync(cancellationToken);
        var now = time.GetUtcNow().ToStored();
        var id = Guid.CreateVersion7(now);
        var key = contents.NewKey(id);
        var attachment = new Attachment { Id = id, UploaderId = uploader, FileName = fileName, ContentType = contentType, CreatedAt = now, SealedKey = key?.Sealed };
        database.Attachments.Add(attachment);
        await database.SaveChangesAsync(cancellationToken);
        try
        {
            var size = await contents.SaveAsync(attachment.Id, key?.Key, scan?.Over(content) ?? content, cancellationToken);
            if (scan is not null)
            {
                await scan.EndAsync(cancellationToken);
            }

            await database.Attachments.Where(row => row.Id == attachment.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Size, size), cancellationToken);
            return new Attachment
            {
                Id = attachment.Id,
                UploaderId = uploader,
                FileName = fileName,
                ContentType = contentType,
                CreatedAt = now,
                Size = size,
            };
        }
        catch
        {
            await store.DeleteAsync(attachment.Id, CancellationToken.None);
            await database.Attachments.Where(row => row.Id == attachment.Id).ExecuteDeleteAsync(CancellationToken.None);
            throw;
        }
    }
}
