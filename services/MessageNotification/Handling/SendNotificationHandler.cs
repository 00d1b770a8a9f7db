using System.Data.Common;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies a person by the channel of the job, unless the person does not want that.</summary>
internal sealed class SendNotificationHandler(
    IEnumerable<INotificationChannel> channels, PreferenceStore preferences, IOptions<NotificationOptions> options, TimeProvider time)
    : IJobHandler<SendNotificationJob>
{
    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<SendNotificationJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);

        var data = job.Data;
        var id = data.NotificationId ?? NotificationIds.OfJob(job.Id);
        var channel = channels.Single(one => one.Type == data.Type);
        var life = await NotificationLife.OfAsync(job, options.Value, time, cancellationToken);
        var attempt = new SendAttempt(job, id, life);
        try
        {
            if (life.OverReason() is { } over && !await HasBegunAsync(job, channel, cancellationToken))
            {
                return await life.FailAsync(over);
            }

            if (await SuppressedAsync(job, channel, cancellationToken) is { } reason)
            {
                return new JobOutcome.Completed(new SendNotificationResult(id, data.Type, NotificationResult.Suppressed) { Reason = reason });
            }

            await job.ReportProgressAsync(0, "send");
            var result = await channel.SendAsync(attempt, cancellationToken);
            await job.ReportProgressAsync(100, "done");
            return new JobOutcome.Completed(result);
        }
        catch (SendFailedException exception)
        {
            return await life.OutcomeAsync(exception.Failure);
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            // An outage of our own is as little the notification's fault as one of a provider.
            return await life.OutcomeAsync(new SendFailure(
                SendFailureKind.Unavailable, $"The database of notifications did not answer ({exception.GetType().Name}); see {NotificationDatabase.ConnectionSetting}."));
        }
    }

    private static bool IsOfDatabase(Exception? exception) =>
        exception is DbException or DbUpdateException or TimeoutException || (exception is InvalidOperationException && exception.InnerException is DbException or TimeoutException);

    // What is out, or on its way, is brought to its end, whatever the wishes and the time are now.
    private static async Task<bool> HasBegunAsync(Job<SendNotificationJob> job, INotificationChannel channel, CancellationToken cancellationToken)
    {
        foreach (var name in channel.SendNames(job.Data))
        {
            if (await job.FindNoteAsync<SendNote<JsonElement>>(name, cancellationToken) is { State: SendState.Sent or SendState.Sending })
            {
                return true;
            }
        }

        return false;
    }

    // Asked again in every run, since a night may have begun while the job waited.
    private async Task<string?> SuppressedAsync(Job<SendNotificationJob> job, INotificationChannel channel, CancellationToken cancellationToken)
    {
        var data = job.Data;
        var wishes = await preferences.FindAsync(data.RecipientId, cancellationToken);
        var reason = wishes?.Suppresses(data.Type, data.Priority ?? NotificationPriority.Normal, time.GetUtcNow());
        return reason is null || await HasBegunAsync(job, channel, cancellationToken) ? null : reason;
    }
}
