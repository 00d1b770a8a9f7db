using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Takes a notification further that its recipient does not read in the app: a push after some minutes, an SMS after an hour. Each is a job that waits, and
/// looks whether it was read before it sends.
/// </summary>
internal sealed class Escalation(IJobPublisher publisher, IOptionsMonitor<QueueOptions> queues, IOptions<NotificationOptions> options, TimeProvider time)
{
    public async Task BeginAsync(SendAttempt attempt, CancellationToken cancellationToken)
    {
        if (attempt.Data is not { Type: NotificationType.InApp, Escalate: true })
        {
            return;
        }

        await AddAsync(attempt, NotificationType.Push, options.Value.EscalatePushAfter, cancellationToken);
        await AddAsync(attempt, NotificationType.Sms, options.Value.EscalateSmsAfter, cancellationToken);
    }

    /// <summary>The jobs that take a notification further, whether there are any or not.</summary>
    public static string[] JobIds(Guid notificationId) => [JobId(notificationId, NotificationType.Push), JobId(notificationId, NotificationType.Sms)];

    private static string JobId(Guid notificationId, NotificationType channel) => $"escalation:{notificationId:D}:{(channel == NotificationType.Push ? "push" : "sms")}";

    private async Task AddAsync(SendAttempt attempt, NotificationType channel, TimeSpan after, CancellationToken cancellationToken)
    {
        var queue = queues.Get(MessageNotificationApp.AppId);
        var step = attempt.Data with { NotificationId = attempt.NotificationId, Type = channel, InitiatedBy = MessageNotificationApp.AppId };
        using var span = JobTelemetry.StartAdd(MessageNotificationApp.AppId, SendNotificationJob.JobType);
        var job = NewJobFactory.Create(
            JobId(attempt.NotificationId, channel),
            step,
            JobsJsonContext.Default.SendNotificationJob,
            queue,
            JobTelemetry.TraceParent(span));

        // From when the notification was there, however often its job was begun.
        var delay = attempt.Job.Info.CreatedAt + after - time.GetUtcNow();
        await publisher.AddAsync(MessageNotificationApp.AppId, job with { Delay = delay > TimeSpan.Zero ? delay : TimeSpan.Zero }, cancellationToken);
    }
}
