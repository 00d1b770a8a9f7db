using System.Collections.Concurrent;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>Keeps what is pushed to users' connections; fails when it is told to.</summary>
internal sealed class RecordedPushes : ILiveNotifications
{
    public ConcurrentQueue<(Guid UserId, NotificationView Notification)> Pushed { get; } = new();

    public bool IsAway { get; set; }

    public Task<int> PushAsync(Guid userId, NotificationView notification, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            throw new HttpRequestException("The hub is away.");
        }

        Pushed.Enqueue((userId, notification));
        return Task.FromResult(2);
    }
}
