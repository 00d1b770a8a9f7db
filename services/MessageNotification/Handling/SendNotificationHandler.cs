using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Notifies a person by the channel of the job, unless the person does not want that, and puts on record how far it came.</summary>
internal sealed class SendNotificationHandler(
    IEnumerable<INotificationChannel> channels,
    Recipients recipients,
    Objections objections,
    NotificationClaims claims,
    DeliveryStore deliveries,
    SuppressionStore suppressions,
    DigestMails digests,
    Escalation escalation,
    IOptions<NotificationOptions> options,
    TimeProvider time,
    Random random)
    : IJobHandler<SendNotificationJob>
{
    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<SendNotificationJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);

        var id = job.Data.NotificationId ?? NotificationIds.OfJob(job.Id, job.Info.CreatedAt);
        var life = await NotificationLife.OfAsync(job, options.Value, time, random, cancellationToken);
        try
        {
            var claim = await claims.ClaimAsync(job, id, life, cancellationToken);
            return claim.Outcome ?? await SendAsync(job, id, life, claim.Delivery!, cancellationToken);
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            // An outage of our own is as little the notification's fault as one of a provider.
            return (await life.OutcomeAsync(new SendFailure(
                SendFailureKind.Unavailable, $"The database of notifications did not answer ({exception.GetType().Name}); see {NotificationDatabase.ConnectionSetting}."))).Outcome;
        }
    }

    private async Task<JobOutcome> SendAsync(
        Job<SendNotificationJob> job, Guid id, NotificationLife life, NotificationDelivery delivery, CancellationToken cancellationToken)
    {
        var channel = channels.Single(one => one.Type == job.Data.Type);
        var address = delivery.Address;
        try
        {
            var recipient = await recipients.FindAsync(job.Data, cancellationToken);
            var gathered = DigestMails.IsDigest(job) ? await digests.ContentAsync(id, recipient.Data, cancellationToken) : null;
            var attempt = new SendAttempt(job, id, life, gathered ?? recipient.Data);
            address = channel.AddressOf(attempt.Data);

            // What is out, or on its way, is brought to its end, whatever the wishes and the time are now.
            if (!await HasBegunAsync(attempt, channel, cancellationToken))
            {
                if (life.OverReason() is { } over)
                {
                    return await EndAsync(attempt, delivery, await life.FailAsync(over, NotificationState.Expired), cancellationToken);
                }

                if (gathered is null && DigestMails.IsDigest(job))
                {
                    return await HeedAsync(attempt, new Objection(NotificationState.Suppressed, Reasons.Read), cancellationToken);
                }

                if (await objections.FindAsync(attempt, recipient, address, cancellationToken) is { } objection)
                {
                    return await HeedAsync(attempt, objection, cancellationToken);
                }
            }

            if (delivery.State == NotificationState.Bounced && !await HasBegunAsync(attempt, channel, cancellationToken))
            {
                // Refused before; somebody tries it again.
                await deliveries.TakeOverAsync(delivery, job.Id, cancellationToken);
            }

            await job.ReportProgressAsync(0, "send");
            var result = await channel.SendAsync(attempt, cancellationToken);
            result = await RecordAsync(attempt, result, address);
            await job.ReportProgressAsync(100, "done");
            return new JobOutcome.Completed(result);
        }
        catch (SendFailedException exception)
        {
            await SuppressAsync(job.Data.Type, id, address, exception.Failure, CancellationToken.None);
            return await EndAsync(id, job.Data.Type, delivery, await life.OutcomeAsync(exception.Failure), CancellationToken.None);
        }
        catch (PermanentJobException)
        {
            await SetAsync(id, job.Data.Type, NotificationState.Failed, null, CancellationToken.None);
            throw;
        }
    }

    private static bool IsOfDatabase(Exception? exception) =>
        exception is DbException or DbUpdateException or TimeoutException || (exception is InvalidOperationException && exception.InnerException is DbException or TimeoutException);

    private static async Task<bool> HasBegunAsync(SendAttempt attempt, INotificationChannel channel, CancellationToken cancellationToken)
    {
        foreach (var name in channel.SendNames(attempt))
        {
            if (await attempt.Job.FindNoteAsync<SendNoteState>(name, cancellationToken) is { State: SendState.Sent or SendState.Sending })
            {
                return true;
            }
        }

        return false;
    }

    private async Task<JobOutcome> HeedAsync(SendAttempt attempt, Objection objection, CancellationToken cancellationToken)
    {
        if (objection.Until is { } until && until < attempt.Life.EndsAt)
        {
            await SetAsync(attempt.NotificationId, attempt.Data.Type, NotificationState.Deferred, objection.Reason, cancellationToken);
            return await attempt.Life.DeferAsync(until, $"{objection.Reason}: the recipient is not to be disturbed until then.");
        }

        // One that waits for its mail is put on record with that.
        if (objection.State != NotificationState.Deferred)
        {
            await SetAsync(attempt.NotificationId, attempt.Data.Type, objection.State, objection.Reason, cancellationToken);
        }

        return new JobOutcome.Completed(new SendNotificationResult(attempt.NotificationId, attempt.Data.Type, objection.State) { Reason = objection.Reason });
    }

    // It is out: that goes on record also when the run is to stop.
    private async Task<SendNotificationResult> RecordAsync(SendAttempt attempt, SendNotificationResult result, string? address)
    {
        var cancellationToken = CancellationToken.None;
        var gathered = await digests.FindGatheredAsync(attempt.NotificationId, cancellationToken);
        foreach (var id in gathered.Select(one => one.NotificationId).Prepend(attempt.NotificationId))
        {
            await deliveries.SetOutAsync(id, result.Channel, result.Result, result.Provider, result.ProviderId, address, cancellationToken);
        }

        await digests.ForgetAsync(attempt.NotificationId, cancellationToken);
        await escalation.BeginAsync(attempt, cancellationToken);

        // A receipt may have been faster than this.
        return await deliveries.FindAsync(attempt.NotificationId, result.Channel, cancellationToken) is { } known && NotificationStates.Before(known.State).Contains(result.Result)
            ? result with { Result = known.State, Reason = known.Reason }
            : result;
    }

    private Task<JobOutcome> EndAsync(SendAttempt attempt, NotificationDelivery delivery, LifeVerdict verdict, CancellationToken cancellationToken) =>
        EndAsync(attempt.NotificationId, attempt.Data.Type, delivery, verdict, cancellationToken);

    private async Task<JobOutcome> EndAsync(Guid id, NotificationType channel, NotificationDelivery before, LifeVerdict verdict, CancellationToken cancellationToken)
    {
        // Most of those that wait are on record as waiting already.
        var reason = verdict.State == NotificationState.Deferred ? Reasons.Provider : null;
        if (before.State != verdict.State || before.Reason != reason)
        {
            await SetAsync(id, channel, verdict.State, reason, cancellationToken);
        }

        return verdict.Outcome;
    }

    private async Task SetAsync(Guid id, NotificationType channel, NotificationState state, string? reason, CancellationToken cancellationToken)
    {
        await deliveries.SetAsync(id, channel, state, reason, cancellationToken);
        if (channel == NotificationType.Email && state != NotificationState.Deferred)
        {
            foreach (var gathered in await digests.FindGatheredAsync(id, cancellationToken))
            {
                await deliveries.SetAsync(gathered.NotificationId, channel, state, reason, cancellationToken);
            }
        }
    }

    private async Task SuppressAsync(NotificationType channel, Guid id, string? address, SendFailure failure, CancellationToken cancellationToken)
    {
        if (address is null || (failure.BouncedAs is null && !failure.IsStopped))
        {
            return;
        }

        await suppressions.AddAsync(
            new Suppression
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                Channel = channel,
                Address = Addresses.Comparable(channel, address),
                Reason = failure.IsStopped ? SuppressionReason.Stop : SuppressionReason.Bounced,
                Detail = failure.BouncedAs,
                NotificationId = id,
                CreatedAt = time.GetUtcNow(),
            },
            cancellationToken);
    }
}

/// <summary>How far the sending of something came, whatever its provider answered.</summary>
/// <param name="State">How far.</param>
internal sealed record SendNoteState(SendState State);
