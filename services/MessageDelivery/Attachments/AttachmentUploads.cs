using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Takes attachments in. The row comes first and says so when the content is complete: an upload that breaks off leaves a row that nobody is shown, and the
/// clean-up takes both in time.
/// </summary>
internal sealed class AttachmentUploads(MessagesDbContext database, IAttachmentStore store, TimeProvider time)
{
    /// <summary>How many bytes a user's attachments have. Uploads at the same moment may together go beyond what is allowed, by one attachment each.</summary>
    public async Task<long> BytesOfAsync(Guid uploader, CancellationToken cancellationToken) =>
        await database.Attachments.Where(attachment => attachment.UploaderId == uploader).SumAsync(attachment => attachment.Size ?? 0, cancellationToken);

    public async Task<Attachment> SaveAsync(Guid uploader, string? fileName, string contentType, Stream content, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToStored();
        var attachment = new Attachment { Id = Guid.CreateVersion7(now), UploaderId = uploader, FileName = fileName, ContentType = contentType, CreatedAt = now };
        database.Attachments.Add(attachment);
        await database.SaveChangesAsync(cancellationToken);
        try
        {
            var size = await store.SaveAsync(attachment.Id, content, cancellationToken);
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
