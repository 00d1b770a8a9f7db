using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification;

/// <summary>What a job may do with its notification.</summary>
/// <param name="Delivery">What is on record of it; for the job to send.</param>
/// <param name="Outcome">What comes of the job instead; null when it is to send.</param>
internal sealed record NotificationClaim(NotificationDelivery? Delivery, JobOutcome? Outcome);

/// <summary>Sees to it that a notification goes by a channel once, however many jobs name it.</summary>
internal sealed class NotificationClaims(DeliveryStore deliveries, IJobReader jobs)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    public async Task<NotificationClaim> ClaimAsync(Job<SendNotificationJob> job, Guid id, NotificationLife life, CancellationToken cancellationToken)
    {
        var (outcome, delivery) = await deliveries.ClaimAsync(id, job.Data, job.Id, job.Info.CreatedAt, cancellationToken);
        switch (outcome)
        {
            case ClaimOutcome.Own:
                return new NotificationClaim(delivery, null);
            case ClaimOutcome.OfOtherUser:
                var refused = await life.FailAsync(
                    "notificationId: another user's notification has this id already; send this one with an id of its own.", NotificationState.Failed);
                return new NotificationClaim(null, refused.Outcome);
        }

        if (delivery!.DigestId is not null || NotificationStates.IsOut(delivery.State))
        {
            return new NotificationClaim(null, new JobOutcome.Completed(
                new SendNotificationResult(id, job.Data.Type, delivery.State) { Reason = Reasons.Duplicate, Provider = delivery.Provider, ProviderId = delivery.ProviderId }));
        }

        // The other one may yet send it. One that has failed, or is gone, will not.
        var other = (await jobs.GetStatesAsync(MessageNotificationApp.AppId, [delivery.JobId], cancellationToken))[0];
        if (other is { State: not (JobState.Failed or JobState.Completed) })
        {
            return new NotificationClaim(null, (await life.OutcomeAsync(
                SendFailedException.NotTried("Another job has the same notificationId and is about to send it; this one waits for what comes of that.", LookAgain).Failure)).Outcome);
        }

        return await deliveries.TakeOverAsync(delivery, job.Id, cancellationToken)
            ? new NotificationClaim(delivery, null)
            : await ClaimAsync(job, id, life, cancellationToken);
    }
}
