using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// One person's data as lines of JSON, a page at a time: conversations, messages that the person wrote or got, attachments with their content, and what the
/// notification service has. Each line names its <c>kind</c>.
/// </summary>
internal sealed class PersonExport(MessagesDbContext database, IMessageEncryptor encryptor, AttachmentContents contents, NotificationsOfPerson notifications)
{
    private const int PageSize = 200;
    private const int PartSize = 256 * 1024;

    private static readonly string[] Parts = ["conversations", "messages", "attachments", "content", "notifications"];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>A page.</summary>
    /// <param name="user">The person.</param>
    /// <param name="cursor">What the page before said; null for the first.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The page; null where the cursor is none.</returns>
    /// <exception cref="HttpRequestException">A service that has a part of it is away.</exception>
    public async Task<LinesPage?> PageAsync(Guid user, string? cursor, CancellationToken cancellationToken)
    {
        var (part, place) = cursor?.Split(':', 2) switch { [var name, var rest] => (name, rest), _ => (Parts[0], string.Empty) };
        var page = part switch
        {
            "conversations" when TryId(place, out var after) => await ConversationsAsync(user, after, cancellationToken),
            "messages" when long.TryParse(place.Length == 0 ? "0" : place, NumberStyles.None, CultureInfo.InvariantCulture, out var after) => await MessagesAsync(user, after, cancellationToken),
            "attachments" when TryId(place, out var after) => await AttachmentsAsync(user, after, cancellationToken),
            "content" when place.Split('+') is [var id, var at] && TryId(id, out var attachment) && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var position) =>
                await ContentAsync(user, attachment, position, cancellationToken),
            "notifications" => await notifications.PageAsync(user, place.Length == 0 ? null : place, cancellationToken),
            _ => null,
        };
        return page switch
        {
            null => null,
            { NextCursor: { } next } => page with { NextCursor = next.Contains(':', StringComparison.Ordinal) ? next : $"{part}:{next}" },
            _ => page with { NextCursor = part switch { "conversations" => "messages:", "messages" => "attachments:", "attachments" or "content" => "notifications:", _ => null } },
        };
    }

    private static bool TryId(string text, out Guid id)
    {
        id = Guid.Empty;
        return text.Length == 0 || Guid.TryParseExact(text, "D", out id);
    }

    private static JsonElement Line(object value) => JsonSerializer.SerializeToElement(value, Json);

    private async Task<LinesPage> ConversationsAsync(Guid user, Guid after, CancellationToken cancellationToken)
    {
        var page = await database.ConversationMembers.AsNoTracking().Where(member => member.UserId == user && member.ConversationId.CompareTo(after) > 0)
            .OrderBy(member => member.ConversationId).Take(PageSize)
            .Join(database.Conversations, member => member.ConversationId, conversation => conversation.Id, (member, conversation) => new { member, conversation.Title })
            .OrderBy(row => row.member.ConversationId).ToListAsync(cancellationToken);
        return new LinesPage(
            [.. page.Select(row => Line(new
            {
                kind = "conversation",
                row.member.ConversationId,
                row.Title,
                role = row.member.Role == MemberRole.Owner ? "owner" : "member",
                row.member.JoinedAt,
                row.member.LeftAt,
                row.member.DeletedAt,
            }))],
            page.Count == PageSize ? page[^1].member.ConversationId.ToString() : null);
    }

    private async Task<LinesPage> MessagesAsync(Guid user, long after, CancellationToken cancellationToken)
    {
        // What the person has deleted for themselves is still kept, and so still theirs to be told of.
        var page = await database.MessageCopies.AsNoTracking().Where(copy => copy.UserId == user && copy.Position > after).OrderBy(copy => copy.Position).Take(PageSize)
            .Join(database.Messages, copy => copy.MessageId, message => message.Id, (copy, message) => new { copy, message }).OrderBy(row => row.copy.Position)
            .AsNoTracking().ToListAsync(cancellationToken);
        var lines = new List<JsonElement>(page.Count);
        foreach (var (copy, message) in page.Select(row => (row.copy, row.message)).Where(row => row.copy.IsOwn || row.copy.Status is >= Jobs.Contracts.MessageStatus.Sent and <= Jobs.Contracts.MessageStatus.Read))
        {
            var (content, problem) = await ReadAsync(message, cancellationToken);
            lines.Add(Line(new
            {
                kind = "message",
                messageId = message.Id,
                message.ConversationId,
                message.SenderId,
                message.RecipientId,
                content,
                problem,
                message.MessageType,
                message.Attachments,
                message.CreatedAt,
                message.ReceivedAt,
                status = copy.IsOwn ? (Jobs.Contracts.MessageStatus?)null : copy.Status,
                copy.DeliveredAt,
                copy.ReadAt,
            }));
        }

        return new LinesPage(lines, page.Count == PageSize ? page[^1].copy.Position.ToString(CultureInfo.InvariantCulture) : null);
    }

    private async Task<(string? Content, string? Problem)> ReadAsync(Message message, CancellationToken cancellationToken)
    {
        try
        {
            return (message.Encrypted ? await encryptor.DecryptAsync(message.Id, message.Content, cancellationToken) : message.Content, null);
        }
        catch (PermanentJobException)
        {
            return (null, "It is stored encrypted, and cannot be decrypted.");
        }
    }

    private async Task<LinesPage> AttachmentsAsync(Guid user, Guid after, CancellationToken cancellationToken)
    {
        var attachment = await database.Attachments.AsNoTracking().Where(one => one.UploaderId == user && one.Size != null && one.Id.CompareTo(after) > 0)
            .OrderBy(one => one.Id).FirstOrDefaultAsync(cancellationToken);
        return attachment is null ? new LinesPage([], null) : new LinesPage(
            [Line(new { kind = "attachment", attachmentId = attachment.Id, attachment.FileName, attachment.ContentType, attachment.Size, attachment.CreatedAt })],
            $"content:{attachment.Id}+0");
    }

    // A part of an attachment is a line of its own: whoever puts them together needs no memory for a whole one.
    private async Task<LinesPage> ContentAsync(Guid user, Guid id, long position, CancellationToken cancellationToken)
    {
        var next = $"attachments:{id}";
        var attachment = await database.Attachments.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id && one.UploaderId == user, cancellationToken);
        Stream? content;
        try
        {
            content = attachment is null ? null : await contents.OpenReadAsync(database, attachment, cancellationToken);
        }
        catch (CryptographicException)
        {
            return new LinesPage([Line(new { kind = "attachment-content", attachmentId = id, problem = "The key that it is sealed with has been removed." })], next);
        }

        if (content is null)
        {
            return new LinesPage([], next);
        }

        await using (content)
        {
            content.Seek(position, SeekOrigin.Begin);
            var bytes = new byte[PartSize];
            var count = await content.ReadAtLeastAsync(bytes, PartSize, throwOnEndOfStream: false, cancellationToken);
            return new LinesPage(
                count == 0 ? [] : [Line(new { kind = "attachment-content", attachmentId = id, position, base64 = Convert.ToBase64String(bytes, 0, count) })],
                count == PartSize ? string.Create(CultureInfo.InvariantCulture, $"content:{id}+{position + count}") : next);
        }
    }
}
