using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>One way to reach a person.</summary>
internal interface INotificationChannel
{
    /// <summary>Which one.</summary>
    NotificationType Type { get; }

    /// <summary>The names under which the job has on record what was sent.</summary>
    IEnumerable<string> SendNames(SendNotificationJob data);

    /// <summary>Sends what an earlier attempt has not sent.</summary>
    /// <param name="job">The job.</param>
    /// <param name="notificationId">The notification.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <exception cref="SendFailedException">Something was not sent.</exception>
    Task<SendNotificationResult> SendAsync(Job<SendNotificationJob> job, Guid notificationId, CancellationToken cancellationToken);
}
