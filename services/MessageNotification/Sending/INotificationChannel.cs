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

    /// <summary>Sends what an earlier run has not sent.</summary>
    /// <exception cref="SendFailedException">Something was not sent.</exception>
    Task<SendNotificationResult> SendAsync(SendAttempt attempt, CancellationToken cancellationToken);
}

/// <summary>One run of a job, in the hands of a channel.</summary>
/// <param name="Job">The job.</param>
/// <param name="NotificationId">The notification.</param>
/// <param name="Life">The time that it has.</param>
internal sealed record SendAttempt(Job<SendNotificationJob> Job, Guid NotificationId, NotificationLife Life)
{
    public SendNotificationJob Data => Job.Data;

    /// <summary>Its place among those that wait for the same provider: the most urgent first, then the oldest.</summary>
    public LinePlace Place => new(Data.Category == NotificationCategory.OneTimeCode ? NotificationPriority.Urgent : Data.Priority ?? NotificationPriority.Normal, Job.Info.CreatedAt, Job.Id);
}
