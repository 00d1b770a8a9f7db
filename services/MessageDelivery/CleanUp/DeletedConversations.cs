using Microsoft.EntityFrameworkCore;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Removes conversations that were deleted, with their messages. A batch is as many messages as asked for, and the conversations that they were the last
/// of; a conversation that is revived meanwhile keeps what it has left.
/// </summary>
internal sealed class DeletedConversations(MessagesDbContext database, TimeProvider time) : ICleanup
{
    // Many small conversations are many statements: a batch ends with what it got done in this time, before its caller gives up.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    private const int MaxConversations = 1000;

    public Task<CleanupCount> CountAsync(CleanupScope scope, PageCursor? from, int limit, CancellationToken cancellationToken) =>
        Rows(scope).CountAsync(from, limit, cancellationToken);

    public async Task<CleanupBatch> RunAsync(CleanupScope scope, PageCursor? from, int batchSize, bool dryRun, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (page, next) = await Rows(scope).PageAsync(from, Math.Min(batchSize, MaxConversations), cancellationToken);
        var (deleted, messages) = (0, new List<Guid>());
        foreach (var row in page)
        {
            if (messages.Count == batchSize || time.GetElapsedTime(started) > MaxTime)
            {
                return new CleanupBatch(deleted, messages, row.ToCursor());
            }

            var ids = await database.Messages.Where(message => message.ConversationId == row.Id)
                .OrderByDescending(message => message.ReceivedAt).ThenByDescending(message => message.Id)
                .Select(message => message.Id).Take(batchSize - messages.Count + 1).ToListAsync(cancellationToken);
            var isWhole = ids.Count <= batchSize - messages.Count;
            if (!isWhole)
            {
                ids.RemoveAt(ids.Count - 1);
            }

            deleted += dryRun ? 0 : await DeleteAsync(row.Id, [.. ids], scope.OlderThan, cancellationToken);
            messages.AddRange(ids);
            if (!isWhole)
            {
                return new CleanupBatch(deleted, messages, row.ToCursor());
            }
        }

        return new CleanupBatch(deleted, messages, next);
    }

    private async Task<int> DeleteAsync(Guid conversation, Guid[] messages, DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        var stillDeleted = database.Conversations.Where(row => row.Id == conversation && row.DeletedAt < olderThan).ExceptHeld(database);
        if (messages.Length > 0)
        {
            await database.Messages.Where(message => EF.Parameter(messages).Contains(message.Id) && stillDeleted.Any()).ExecuteDeleteAsync(cancellationToken);
        }

        return await stillDeleted.Where(row => !database.Messages.Any(message => message.ConversationId == row.Id)).ExecuteDeleteAsync(cancellationToken);
    }

    private IQueryable<CleanupRow> Rows(CleanupScope scope)
    {
        var (olderThan, ids, users) = scope;
        var conversations = database.Conversations.AsNoTracking().Where(conversation => conversation.DeletedAt != null && conversation.DeletedAt < olderThan)
            .ExceptHeld(database);
        if (ids is not null)
        {
            conversations = conversations.Where(conversation => EF.Parameter(ids).Contains(conversation.Id));
        }

        if (users is not null)
        {
            conversations = conversations.Where(conversation =>
                database.ConversationMembers.Any(member => member.ConversationId == conversation.Id && EF.Parameter(users).Contains(member.UserId)));
        }

        return conversations.Select(conversation => new CleanupRow { Time = conversation.DeletedAt!.Value, Id = conversation.Id });
    }
}
