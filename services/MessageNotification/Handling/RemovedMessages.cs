using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Removes the notifications of messages that are no more, and first has their jobs end that still wait: for a provider, for the end of quiet hours, or to
/// take the notification further. One that found nothing on record would take it for new, and send it.
/// </summary>
internal sealed class RemovedMessages(NotificationsDbContext database, NotificationStore store, IJobReader jobs, IJobControl control)
{
    private const int AtOnce = 1_000;

    public async Task<int> RemoveAsync(Guid? userId, Guid[] messageIds, CancellationToken cancellationToken)
    {
        await EndJobsAsync(store.OfMessages(userId, messageIds).AsNoTracking(), cancellationToken);
        return await store.RemoveMessagesAsync(userId, messageIds, cancellationToken);
    }

    /// <summary>Has the jobs of notifications end that still wait.</summary>
    public async Task EndJobsAsync(IQueryable<Notification> notifications, CancellationToken cancellationToken)
    {
        var unread = await notifications.Where(one => one.InApp && one.ReadAt == null).Select(one => one.Id).ToListAsync(cancellationToken);
        var waiting = await database.Deliveries.AsNoTracking()
            .Where(one => (one.State == NotificationState.Queued || one.State == NotificationState.Deferred) && notifications.Any(of => of.Id == one.NotificationId))
            .Select(one => one.JobId).ToListAsync(cancellationToken);
        foreach (var some in waiting.Concat(unread.SelectMany(Escalation.JobIds)).Chunk(AtOnce))
        {
            await EndAsync(some, cancellationToken);
        }
    }

    private async Task EndAsync(string[] jobIds, CancellationToken cancellationToken)
    {
        var states = await jobs.GetStatesAsync(MessageNotificationApp.AppId, jobIds, cancellationToken);
        foreach (var (id, job) in jobIds.Zip(states))
        {
            // One that runs is past its last look, and comes to its end.
            if (job is { State: JobState.Waiting or JobState.Delayed or JobState.Paused })
            {
                await control.CancelAsync(MessageNotificationApp.AppId, id, cancellationToken);
            }
        }
    }
}
