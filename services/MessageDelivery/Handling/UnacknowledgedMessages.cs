using Microsoft.EntityFrameworkCore;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Has recipients notified of messages that none of their devices has acknowledged in time. What is due is in the database, so that it is not forgotten
/// whichever process dies; that two instances find the same does no harm, since the notification's job has one id.
/// </summary>
internal sealed partial class UnacknowledgedMessages(
    IServiceScopeFactory scopes, TimeProvider time, ILogger<UnacknowledgedMessages> logger) : PeriodicService(TimeSpan.FromSeconds(1), time)
{
    private const int AtOnce = 200;

    protected override bool WaitsFirst => true;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await NotifyAsync(cancellationToken) == AtOnce)
        {
        }
    }

    protected override void Failed(string what, Exception exception) => LogNotNotified(exception.GetType().Name);

    private async Task<int> NotifyAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MessagesDbContext>();
        var followUps = scope.ServiceProvider.GetRequiredService<IFollowUpJobs>();
        var store = scope.ServiceProvider.GetRequiredService<MessageStore>();
        var now = Time.GetUtcNow();
        var due = await database.MessageCopies.AsNoTracking().Where(copy => copy.NotifyAt != null && copy.NotifyAt <= now)
            .OrderBy(copy => copy.NotifyAt).ThenBy(copy => copy.MessageId).Take(AtOnce)
            .Join(database.Messages, copy => copy.MessageId, message => message.Id, (copy, message) => new { copy.UserId, copy.NotifyEmail, message })
            .ToListAsync(cancellationToken);
        foreach (var row in due)
        {
            // Who has left or deleted the conversation meanwhile is not told of what they are not shown.
            if (await database.CopiesShownTo(row.UserId).AnyAsync(copy => copy.MessageId == row.message.Id, cancellationToken))
            {
                await followUps.NotifyAsync(row.message, row.UserId, row.NotifyEmail, cancellationToken);
            }

            await store.SettleNotificationsAsync(row.message.Id, [row.UserId], cancellationToken);
        }

        return due.Count;
    }

    [LoggerMessage(LogLevel.Warning, "Recipients of unacknowledged messages could not be notified ({Error}); it is tried again each second.")]
    private partial void LogNotNotified(string error);
}
