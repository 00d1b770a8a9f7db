using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Removes messages past their retention, whatever their status and whatever their senders' clocks said. Their conversations stay.</summary>
internal sealed class OldMessages(MessagesDbContext database) : ICleanup
{
    public Task<CleanupCount> CountAsync(CleanupScope scope, PageCursor? from, int limit, CancellationToken cancellationToken) =>
        Rows(scope).CountAsync(from, limit, cancellationToken);

    public async Task<CleanupBatch> RunAsync(CleanupScope scope, PageCursor? from, int batchSize, bool dryRun, CancellationToken cancellationToken)
    {
        var (page, next) = await Rows(scope).PageAsync(from, batchSize, cancellationToken);
        var ids = page.Select(row => row.Id).ToArray();
        var deleted = dryRun ? 0 : await database.Messages.Where(message => EF.Parameter(ids).Contains(message.Id)).ExceptHeld(database).ExecuteDeleteAsync(cancellationToken);
        return new CleanupBatch(deleted, ids, next);
    }

    private IQueryable<CleanupRow> Rows(CleanupScope scope)
    {
        var (olderThan, conversations, users) = scope;
        var messages = database.Messages.AsNoTracking().Where(message => message.ReceivedAt < olderThan).ExceptHeld(database);
        if (conversations is not null)
        {
            messages = messages.Where(message => EF.Parameter(conversations).Contains(message.ConversationId));
        }

        if (users is not null)
        {
            messages = messages.Where(message => database.MessageCopies.Any(copy => copy.MessageId == message.Id && EF.Parameter(users).Contains(copy.UserId)));
        }

        return messages.Select(message => new CleanupRow { Time = message.ReceivedAt, Id = message.Id });
    }
}
