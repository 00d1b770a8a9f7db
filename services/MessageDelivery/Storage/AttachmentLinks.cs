using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageDelivery;

/// <summary>Who may see an attachment: its uploader, and the senders and recipients of the messages that pass it on.</summary>
public sealed class AttachmentLinks(MessagesDbContext database)
{
    /// <summary>Links a message to those of its attachments that its sender may see; what else it names, it names in vain.</summary>
    /// <param name="message">The message, stored in the current transaction.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task LinkAsync(Message message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);

        var named = message.Attachments.Select(text => Guid.TryParseExact(text, "D", out var id) ? id : Guid.Empty)
            .Where(id => id != Guid.Empty).Distinct().ToArray();
        if (named.Length == 0)
        {
            return;
        }

        var visible = await VisibleTo(message.SenderId).Where(attachment => EF.Parameter(named).Contains(attachment.Id))
            .Select(attachment => attachment.Id).ToListAsync(cancellationToken);
        database.MessageAttachments.AddRange(visible.Select(id => new MessageAttachment { AttachmentId = id, MessageId = message.Id }));
        await database.SaveChangesAsync(cancellationToken);
        database.ChangeTracker.Clear();
    }

    /// <summary>Finds an attachment that a user may see.</summary>
    /// <param name="id">The attachment.</param>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Attachment?> FindAsync(Guid id, Guid user, CancellationToken cancellationToken) =>
        VisibleTo(user).SingleOrDefaultAsync(attachment => attachment.Id == id, cancellationToken);

    private IQueryable<Attachment> VisibleTo(Guid user) => database.Attachments.AsNoTracking().Where(attachment =>
        attachment.Size != null
        && (attachment.UploaderId == user || database.MessageAttachments.Any(link => link.AttachmentId == attachment.Id
            && database.ShownMessages.Any(message => message.Id == link.MessageId && (message.SenderId == user
                || (message.RecipientId == user
                    && message.Status >= Jobs.Contracts.MessageStatus.Sent && message.Status <= Jobs.Contracts.MessageStatus.Read))))));
}
