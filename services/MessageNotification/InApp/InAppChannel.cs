using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Stores a notification for its user and shows it where the user is connected.</summary>
internal sealed partial class InAppChannel(NotificationStore store, ILiveNotifications live, TimeProvider time, ILogger<InAppChannel> logger) : INotificationChannel
{
    private static readonly TimeSpan PushTimeout = TimeSpan.FromSeconds(5);

    public NotificationType Type => NotificationType.InApp;

    public IEnumerable<string> SendNames(SendAttempt attempt) => [];

    public async Task<SendNotificationResult> SendAsync(SendAttempt attempt, CancellationToken cancellationToken)
    {
        var (job, notificationId, _, data) = attempt;

        // PostgreSQL has no way to store this character; no attempt would get past it.
        if (data.Title.Contains('\0') || data.Message.Contains('\0'))
        {
            throw SendFailedException.Permanent($"{(data.Title.Contains('\0') ? "title" : "message")}: must not contain the character U+0000.");
        }

        await store.ShowAsync(notificationId, data.Title, data.Message, cancellationToken);
        var notification = new NotificationView(
            notificationId, data.Title, data.Message, data.MessageId, data.Priority ?? NotificationPriority.Normal, job.Info.CreatedAt.ToStored(), null);
        var pushedTo = await job.StepAsync("push", token => PushAsync(data.RecipientId, notification, token), cancellationToken);
        return new SendNotificationResult(notificationId, Type, NotificationState.Stored) { PushedTo = pushedTo };
    }

    // A courtesy: the user finds the notification in the app whether or not it was pushed.
    private async Task<int> PushAsync(Guid userId, NotificationView notification, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(PushTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await live.PushAsync(userId, notification, either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotPushed(notification.NotificationId, exception.GetType().Name);
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Notification {NotificationId} is stored, but could not be pushed to its user's connections: {Error}.")]
    private partial void LogNotPushed(Guid notificationId, string error);
}
