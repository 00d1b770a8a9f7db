using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>One way to reach a person.</summary>
internal interface INotificationChannel
{
    /// <summary>Which one.</summary>
    NotificationType Type { get; }

    /// <summary>The names under which the job has on record what was sent.</summary>
    IEnumerable<string> SendNames(SendAttempt attempt);

    /// <summary>Where it goes, for the suppression list; null for channels that have none.</summary>
    string? AddressOf(SendNotificationJob data) => null;

    /// <summary>Sends what an earlier run has not sent.</summary>
    /// <exception cref="SendFailedException">Something was not sent.</exception>
    Task<SendNotificationResult> SendAsync(SendAttempt attempt, CancellationToken cancellationToken);
}

/// <summary>One run of a job, in the hands of a channel.</summary>
/// <param name="Job">The job.</param>
/// <param name="NotificationId">The notification.</param>
/// <param name="Life">The time that it has.</param>
/// <param name="Data">What to send: the job's data, with the recipient's registered addresses where it names none.</param>
internal sealed record SendAttempt(Job<SendNotificationJob> Job, Guid NotificationId, NotificationLife Life, SendNotificationJob Data)
{
    /// <summary>Its place among those that wait for the same provider: the most urgent first, then the oldest.</summary>
    public LinePlace Place => new(IsUrgent ? NotificationPriority.Urgent : Data.Priority ?? NotificationPriority.Normal, Job.Info.CreatedAt, Job.Id);

    /// <summary>Whether it cannot wait: nothing that its recipient has set holds it back for a while.</summary>
    public bool IsUrgent => Data.Category == NotificationCategory.OneTimeCode || Data.Priority == NotificationPriority.Urgent;
}
