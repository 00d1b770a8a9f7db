using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Removes attachments past their retention, which begins anew with each message that passes one on: what a younger message refers to stays. The content goes before its row: what breaks off in between is found and finished by
/// the next run. Of a conversation are those that its messages pass on; of a user, those that the user uploaded.
/// </summary>
internal sealed class ExpiredAttachments(MessagesDbContext database, IAttachmentStore store, TimeProvider time) : ICleanup
{
    // A file system or a database may be slow: a batch ends with what it got done in this time, before its caller gives up.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    public Task<CleanupCount> CountAsync(CleanupScope scope, PageCursor? from, int limit, CancellationToken cancellationToken) =>
        Rows(scope).CountAsync(from, limit, cancellationToken);

    public async Task<CleanupBatch> RunAsync(CleanupScope scope, PageCursor? from, int batchSize, bool dryRun, CancellationToken cancellationToken)
    {
        var (page, next) = await Rows(scope).PageAsync(from, batchSize, cancellationToken);
        if (dryRun)
        {
            return new CleanupBatch(0, [], next);
        }

        var started = time.GetTimestamp();
        var removed = new List<Guid>(page.Count);
        foreach (var row in page)
        {
            if (time.GetElapsedTime(started) > MaxTime)
            {
                next = row.ToCursor();
                break;
            }

            await store.DeleteAsync(row.Id, cancellationToken);
            removed.Add(row.Id);
        }

        var ids = removed.ToArray();
        var deleted = await database.Attachments.Where(attachment => EF.Parameter(ids).Contains(attachment.Id)).ExecuteDeleteAsync(cancellationToken);
        return new CleanupBatch(deleted, [], next);
    }

    private IQueryable<CleanupRow> Rows(CleanupScope scope)
    {
        var (olderThan, conversations, users) = scope;
        var attachments = database.Attachments.AsNoTracking().Where(attachment => attachment.CreatedAt < olderThan
            && !database.MessageAttachments.Any(link => link.AttachmentId == attachment.Id
                && database.ShownMessages.Any(message => message.Id == link.MessageId && message.ReceivedAt >= olderThan))).ExceptHeld(database);
        if (conversations is not null)
        {
            attachments = attachments.Where(attachment => database.MessageAttachments.Any(link => link.AttachmentId == attachment.Id
                && database.Messages.Any(message => message.Id == link.MessageId && EF.Parameter(conversations).Contains(message.ConversationId))));
        }

        if (users is not null)
        {
            attachments = attachments.Where(attachment => EF.Parameter(users).Contains(attachment.UploaderId));
        }

        return attachments.Select(attachment => new CleanupRow { Time = attachment.CreatedAt, Id = attachment.Id });
    }
}
