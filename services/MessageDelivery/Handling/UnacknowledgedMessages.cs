using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Has recipients notified of messages that none of their devices has acknowledged in time. What is due is in the database, so that it is not forgotten
/// whichever process dies; that two instances find the same does no harm, since the notification's job has one id.
/// </summary>
internal sealed partial class UnacknowledgedMessages(
    IServiceScopeFactory scopes, TimeProvider time, ILogger<UnacknowledgedMessages> logger) : BackgroundService
{
    private const int AtOnce = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
#pragma warning disable CA1031 // Whatever it is, it is due again with the next tick.
            try
            {
                while (await NotifyAsync(stoppingToken) == AtOnce)
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotNotified(exception.GetType().Name);
            }
#pragma warning restore CA1031
        }
    }

    private async Task<int> NotifyAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MessagesDbContext>();
        var followUps = scope.ServiceProvider.GetRequiredService<IFollowUpJobs>();
        var store = scope.ServiceProvider.GetRequiredService<MessageStore>();
        var now = time.GetUtcNow();
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

    [LoggerMessage(LogLevel.Warning, "Recipients of unacknowledged messages could not be notified ({Error}); it is tried again in a second.")]
    private partial void LogNotNotified(string error);
}
