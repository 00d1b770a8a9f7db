using System.Text.Json;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies a person by the channel of the job, unless the person does not want that.</summary>
internal sealed class SendNotificationHandler(
    IEnumerable<INotificationChannel> channels, PreferenceStore preferences, TimeProvider time) : IJobHandler<SendNotificationJob>
{
    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<SendNotificationJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);

        var data = job.Data;
        var id = data.NotificationId ?? NotificationIds.OfJob(job.Id);
        var channel = channels.Single(one => one.Type == data.Type);
        if (await SuppressedAsync(job, channel, cancellationToken) is { } reason)
        {
            return new JobOutcome.Completed(new SendNotificationResult(id, data.Type, NotificationResult.Suppressed) { Reason = reason });
        }

        try
        {
            await job.ReportProgressAsync(0, "send");
            var result = await channel.SendAsync(job, id, cancellationToken);
            await job.ReportProgressAsync(100, "done");
            return new JobOutcome.Completed(result);
        }
        catch (SendFailedException exception)
        {
            return exception.Outcome;
        }
    }

    // Asked again in every attempt, since a night may have begun while the job waited; but what is out is out, whatever the wishes are now.
    private async Task<string?> SuppressedAsync(Job<SendNotificationJob> job, INotificationChannel channel, CancellationToken cancellationToken)
    {
        var data = job.Data;
        var wishes = await preferences.FindAsync(data.RecipientId, cancellationToken);
        var reason = wishes?.Suppresses(data.Type, data.Priority ?? NotificationPriority.Normal, time.GetUtcNow());
        if (reason is null)
        {
            return null;
        }

        foreach (var name in channel.SendNames(data))
        {
            if (await job.FindNoteAsync<SendNote<JsonElement>>(name, cancellationToken) is { State: SendState.Sent })
            {
                return null;
            }
        }

        return reason;
    }
}
