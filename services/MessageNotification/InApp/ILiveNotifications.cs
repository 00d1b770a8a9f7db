namespace WhiteCross.MessageNotification;

/// <summary>Reaches the connections that users have open.</summary>
internal interface ILiveNotifications
{
    /// <summary>Pushes a notification to its user's connections.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>To how many connections it went.</returns>
    /// <exception cref="HttpRequestException">The service that has the connections is away.</exception>
    Task<int> PushAsync(Guid userId, NotificationView notification, CancellationToken cancellationToken);
}
