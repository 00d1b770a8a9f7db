using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Stores a notification for its user and shows it where the user is connected.</summary>
internal sealed partial class InAppChannel(NotificationStore store, ILiveNotifications live, TimeProvider time, ILogger<InAppChannel> logger) : INotificationChannel
{
    private static readonly TimeSpan PushTimeout = TimeSpan.FromSeconds(5);

    public NotificationType Type => NotificationType.InApp;

    public IEnumerable<string> SendNames(SendNotificationJob data) => [];

    public async Task<SendNotificationResult> SendAsync(SendAttempt attempt, CancellationToken cancellationToken)
    {
        var (job, notificationId, _) = attempt;
        var data = job.Data;

        // PostgreSQL has no way to store this character; no attempt would get past it.
        if (data.Title.Contains('\0') || data.Message.Contains('\0'))
        {
            throw SendFailedException.Permanent($"{(data.Title.Contains('\0') ? "title" : "message")}: must not contain the character U+0000.");
        }

        var notification = new Notification
        {
            Id = notificationId,
            UserId = data.RecipientId,
            Title = data.Title,
            Text = data.Message,
            MessageId = data.MessageId,
            Priority = data.Priority ?? NotificationPriority.Normal,
            CreatedAt = job.Info.CreatedAt.ToStored(),
        };
        if (!await store.SaveOnceAsync(notification, cancellationToken))
        {
            throw SendFailedException.Permanent("notificationId: another user's notification has this id already; send this one with an id of its own.");
        }

        var pushedTo = await job.StepAsync("push", token => PushAsync(notification, token), cancellationToken);
        return new SendNotificationResult(notificationId, Type, NotificationResult.Stored) { PushedTo = pushedTo };
    }

    // A courtesy: the user finds the notification in the app whether or not it was pushed.
    private async Task<int> PushAsync(Notification notification, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(PushTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await live.PushAsync(notification.UserId, NotificationView.Of(notification), either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotPushed(notification.Id, exception.GetType().Name);
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Notification {NotificationId} is stored, but could not be pushed to its user's connections: {Error}.")]
    private partial void LogNotPushed(Guid notificationId, string error);
}
