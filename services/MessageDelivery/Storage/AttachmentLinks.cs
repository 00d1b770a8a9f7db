using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageDelivery;

/// <summary>Who may see an attachment: its uploader, and those to whom a message that passes it on is shown.</summary>
internal sealed class AttachmentLinks(MessagesDbContext database)
{
    /// <summary>Links a message to its attachments.</summary>
    /// <param name="message">The message, stored in the current transaction.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What is wrong with them, by field; null when the sender may pass on each.</returns>
    public async Task<string?> LinkAsync(Message message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);

        if (message.Attachments.Length == 0)
        {
            return null;
        }

        var ids = message.Attachments.Select(text => Guid.TryParseExact(text, "D", out var id) ? id : Guid.Empty).ToArray();
        if (Array.IndexOf(ids, Guid.Empty) is var noId and >= 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"attachments[{noId}]: is no id of an attachment; upload it with POST /attachments, which answers with its id.");
        }

        var named = ids.Distinct().ToArray();
        var visible = await VisibleTo(message.SenderId).Where(attachment => EF.Parameter(named).Contains(attachment.Id))
            .Select(attachment => attachment.Id).ToListAsync(cancellationToken);
        if (Array.FindIndex(ids, id => !visible.Contains(id)) is var missing and >= 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"attachments[{missing}]: the sender has no such attachment; it was not uploaded, has expired, or is somebody else's.");
        }

        database.MessageAttachments.AddRange(named.Select(id => new MessageAttachment { AttachmentId = id, MessageId = message.Id }));
        await database.SaveChangesAsync(cancellationToken);
        database.ChangeTracker.Clear();
        return null;
    }

    /// <summary>Finds an attachment that a user may see.</summary>
    /// <param name="id">The attachment.</param>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Attachment?> FindAsync(Guid id, Guid user, CancellationToken cancellationToken) =>
        VisibleTo(user).SingleOrDefaultAsync(attachment => attachment.Id == id, cancellationToken);

    private IQueryable<Attachment> VisibleTo(Guid user)
    {
        var shown = database.CopiesShownTo(user);
        return database.Attachments.AsNoTracking().Where(attachment => attachment.Size != null
            && (attachment.UploaderId == user
                || database.MessageAttachments.Any(link => link.AttachmentId == attachment.Id && shown.Any(copy => copy.MessageId == link.MessageId))));
    }
}
